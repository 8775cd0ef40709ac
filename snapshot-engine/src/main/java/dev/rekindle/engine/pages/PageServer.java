package dev.rekindle.engine.pages;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Gives lazily restored instances their pages, in place of {@code criu lazy-pages}. One for an
 * engine. When it ends, or one of its threads dies, the instances it serves are killed.
 */
public final class PageServer implements AutoCloseable {
  private final PageServerConfig config;
  private final List<PageServerLoop> loops = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicInteger turn = new AtomicInteger();
  private final long nothing = LinuxCalls.mapNothing(PageLayout.PAGE_BYTES);
  private final ExecutorService aside;

  private PageServer(PageServerConfig config) {
    this.config = config;
    this.aside =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "rekindle-pages-aside");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Starts the threads. */
  public static PageServer start(PageServerConfig config, LongSupplier nanoTime) {
    PageServer server = new PageServer(config);
    for (int i = 0; i < config.threads(); i++) {
      PageServerLoop loop = new PageServerLoop(nanoTime);
      Thread thread = new Thread(loop, "rekindle-pages-" + i);
      thread.setDaemon(true);
      thread.start();
      server.loops.add(loop);
      server.threads.add(thread);
    }
    return server;
  }

  /**
   * Makes ready for the restore of an instance. CRIU may connect when this returns.
   *
   * @param name the instance's, for messages
   * @param pages one use of them, which passes to the session
   * @param workDirectory the restore's, where the socket is made
   * @param kill ends all processes of the instance, and returns when none will run again
   * @throws PageServerException if the server has ended or cannot listen
   */
  public PageSession serve(
      String name, SnapshotPages pages, LazyOptions options, Path workDirectory, Runnable kill) {
    try {
      int first = turn.getAndIncrement();
      for (int i = 0; i < loops.size(); i++) {
        PageServerLoop loop = loops.get(Math.floorMod(first + i, loops.size()));
        PageSession session =
            new PageSession(name, this, loop, pages, options, workDirectory, kill);
        if (loop.execute(session::start)) {
          return session;
        }
        session.neverStarted();
      }
      throw new PageServerException(
          PageServerException.Cause.SERVER_ENDED,
          "the page server has ended: restart the service to restore lazily");
    } catch (RuntimeException e) {
      pages.release();
      throw e;
    }
  }

  PageServerConfig config() {
    return config;
  }

  /** A thread for what may block: kills, and the callbacks of those who wait for an instance. */
  ExecutorService aside() {
    return aside;
  }

  /** Whether an address space is gone, found by a copy that can never take effect. */
  boolean isGone(PageServerLoop loop, LazySpace space) {
    if (space.pending().isEmpty()) {
      return true; // nothing is missing, so closing it loses nothing
    }
    long start = space.pending().start(0);
    return loop.userFault().copy(space.fd(), start, nothing, PageLayout.PAGE_BYTES)
        == -LinuxCalls.ESRCH;
  }

  /** Ends the service and kills the instances that still need it. */
  @Override
  public void close() {
    loops.forEach(PageServerLoop::close);
    try {
      for (Thread thread : threads) {
        thread.join(TimeUnit.SECONDS.toMillis(5));
      }
      aside.shutdown();
      aside.awaitTermination(10, TimeUnit.SECONDS);
      LinuxCalls.unmap(nothing, PageLayout.PAGE_BYTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
