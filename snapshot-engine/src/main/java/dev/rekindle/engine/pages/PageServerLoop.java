package dev.rekindle.engine.pages;

import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;
import jnr.ffi.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * One thread of the page server: waits on the descriptors of many instances, answers their faults,
 * and copies ahead when no fault waits. All state of an instance belongs to one loop. Nothing is
 * allocated on the way from a fault to its page, so that serving pages causes no collection.
 */
final class PageServerLoop implements Runnable {
  private static final Logger LOG = System.getLogger(PageServerLoop.class.getName());

  private static final int EVENTS = 64;

  /** After so many, the thread that is waited for is taken to be stopped, not just not run yet. */
  private static final int QUICK_RETRIES = 200;

  /** Something with a descriptor that can become readable. */
  interface Watched {
    void readable();

    PageSession session();
  }

  private final LongSupplier nanoTime;
  private final int epoll = LinuxCalls.epoll();
  private final int wake = LinuxCalls.eventCounter();
  private final Pointer events = LinuxCalls.allocate(EVENTS * LinuxCalls.EPOLL_EVENT_BYTES);
  private final Pointer word = LinuxCalls.allocate(16);
  private final Pointer one = LinuxCalls.allocate(8);
  private final UserFault userFault = new UserFault();
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final List<PageSession> sessions = new ArrayList<>();
  private @Nullable Watched[] watched = new @Nullable Watched[256];
  private boolean retry;
  private int retries;
  private long nextTurnNanos = Long.MAX_VALUE;
  private boolean closing;
  private boolean dead;

  PageServerLoop(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    one.putLong(0, 1);
    if (epoll < 0 || wake < 0 || LinuxCalls.watch(epoll, wake, word) < 0) {
      throw new PageServerException(
          PageServerException.Cause.KERNEL_REFUSED,
          "the page server cannot start: epoll %d, eventfd %d".formatted(epoll, wake));
    }
  }

  UserFault userFault() {
    return userFault;
  }

  /** Has the loop come back at once for faults that could not be answered yet. */
  void retrySoon() {
    retry = true;
  }

  /** Runs a task on the loop's thread; false if the loop is dead. From any thread. */
  boolean execute(Runnable task) {
    synchronized (tasks) {
      if (dead) {
        return false;
      }
      tasks.add(task);
      LinuxCalls.write(wake, one, 8);
      return true;
    }
  }

  /** Takes on an instance. On the loop's thread. */
  void adopt(PageSession session) {
    sessions.add(session);
  }

  /** Watches a descriptor. On the loop's thread. */
  void watch(int fd, Watched who) {
    if (fd >= watched.length) {
      watched = Arrays.copyOf(watched, 2 * fd);
    }
    watched[fd] = who;
    int error = LinuxCalls.watch(epoll, fd, word);
    if (error < 0) {
      throw new PageServerException(
          PageServerException.Cause.KERNEL_REFUSED, "epoll_ctl failed: errno " + -error);
    }
  }

  /** Stops watching a descriptor, which is about to be closed or kept unread. */
  void unwatch(int fd) {
    if (fd < watched.length && watched[fd] != null) {
      watched[fd] = null;
      LinuxCalls.unwatch(epoll, fd, word);
    }
  }

  @Override
  public void run() {
    try {
      while (!closing) {
        turn();
      }
      end("the page server is closed");
    } catch (Throwable e) { // whatever it is, the instances must not outlive the service
      LOG.log(Logger.Level.ERROR, "event=page-server-died", e);
      end("a page server thread died: " + e);
    }
  }

  private void turn() {
    int n = LinuxCalls.await(epoll, events, EVENTS, timeoutMillis());
    if (n < 0 && n != -LinuxCalls.EINTR) {
      throw new IllegalStateException("epoll_wait failed: errno " + -n);
    }
    retry = false;
    for (int i = 0; i < n; i++) {
      int fd =
          (int)
              events.getLong(
                  i * (long) LinuxCalls.EPOLL_EVENT_BYTES + LinuxCalls.EPOLL_DATA_OFFSET);
      Watched who = fd == wake ? null : watched[fd];
      if (fd == wake) {
        LinuxCalls.read(wake, word, 8);
      } else if (who != null) {
        serve(who);
      }
    }
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
    nextTurnNanos = Long.MAX_VALUE;
    long now = nanoTime.getAsLong();
    for (int i = 0; i < sessions.size(); i++) {
      PageSession session = sessions.get(i);
      long next = advance(session, now);
      if (session.isOver()) {
        sessions.remove(i--);
      } else {
        nextTurnNanos = Math.min(nextTurnNanos, next);
      }
    }
  }

  private int timeoutMillis() {
    if (retry) {
      Thread.onSpinWait();
      return ++retries > QUICK_RETRIES ? 1 : 0;
    }
    retries = 0;
    if (nextTurnNanos == Long.MAX_VALUE) {
      return -1;
    }
    return (int) Math.min(1000, (nextTurnNanos + 999_999) / 1_000_000);
  }

  private static void serve(Watched who) {
    try {
      who.readable();
    } catch (PageServerException | PageSourceException e) {
      who.session().fail(e);
    }
  }

  /** Returns after how many nanoseconds the session wants its next turn. */
  private static long advance(PageSession session, long now) {
    try {
      return session.advance(now);
    } catch (PageServerException | PageSourceException e) {
      session.fail(e);
      return 0;
    }
  }

  /** Ends the loop; its instances are killed. From any thread. */
  void close() {
    execute(() -> closing = true);
  }

  private void end(String why) {
    synchronized (tasks) {
      dead = true;
    }
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run(); // instances handed over at the last moment join those to be ended
    }
    for (PageSession session : sessions) {
      session.fail(new PageServerException(PageServerException.Cause.SERVER_ENDED, why));
    }
    LinuxCalls.close(epoll);
  }
}
