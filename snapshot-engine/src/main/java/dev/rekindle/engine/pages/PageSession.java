package dev.rekindle.engine.pages;

import dev.rekindle.engine.sandbox.SandboxException;
import java.lang.System.Logger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The service of one lazily restored instance, from before CRIU starts until all its pages are back
 * or its processes are gone. Its state belongs to its loop's thread; the public methods may be
 * called from any. Longer than most files, since it is the one place where an instance's service
 * changes state.
 */
public final class PageSession {
  private static final Logger LOG = System.getLogger(PageSession.class.getName());

  /** How often an instance that should be ending is looked at. */
  private static final long PROBE_NANOS = 5_000_000;

  private final String name;
  private final PageServer server;
  private final PageServerLoop loop;
  private final SnapshotPages pages;
  private final Runnable kill;
  private final RestoreConversation conversation;
  private final PageCounters counters = new PageCounters();
  private final CompletableFuture<PageStatistics> done = new CompletableFuture<>();
  private final CompletableFuture<Void> restored = new CompletableFuture<>();
  private final List<LazySpace> spaces = new ArrayList<>();
  private final Runnable ready = this::sourceIsReady;
  private final CopyAhead ahead;
  private final AskedPages asked = new AskedPages();
  private boolean ending;
  private boolean failed;
  private volatile boolean over;

  PageSession(
      String name,
      PageServer server,
      PageServerLoop loop,
      SnapshotPages pages,
      LazyOptions options,
      Path workDirectory,
      Runnable kill) {
    this.name = name;
    this.server = server;
    this.loop = loop;
    this.pages = pages;
    this.kill = kill;
    this.ahead = new CopyAhead(this, options, server.config());
    this.conversation = new RestoreConversation(this, loop, workDirectory);
  }

  /**
   * Completes, on a thread that is not the faults', when all pages are back or the processes are
   * gone; fails with a {@link PageServerException} or {@link PageSourceException} after the
   * instance was killed because its pages could not be served any more.
   */
  public CompletableFuture<PageStatistics> done() {
    return done;
  }

  /** What was done so far. */
  public PageStatistics statistics() {
    return counters.read();
  }

  /**
   * Ends the recording and completes with what was asked for so far, the prefetched working set
   * included; the pages that nobody asked for begin to come. To be called after the first response.
   */
  public CompletableFuture<WorkingSet> workingSet() {
    CompletableFuture<WorkingSet> answer = new CompletableFuture<>();
    Runnable task =
        () -> {
          ahead.endRecording();
          WorkingSet workingSet = asked.toWorkingSet().plus(ahead.workingSet());
          server.aside().execute(() -> answer.complete(workingSet));
        };
    if (!loop.execute(task)) {
      answer.complete(ahead.workingSet());
    }
    return answer;
  }

  /** Completes when CRIU said that all tasks are restored; fails if it broke off. */
  public CompletableFuture<Void> restoredByCriu() {
    return restored;
  }

  /** The sandbox is being closed: the service ends as soon as its processes are gone. */
  public void abandon() {
    loop.execute(
        () -> {
          ending = true;
          conversation.close();
        });
  }

  /** On the loop's thread, first of all. */
  void start() {
    loop.adopt(this);
    loop.watch(conversation.fd(), conversation);
  }

  /** Its loop was dead: another one takes its place. */
  void neverStarted() {
    conversation.close();
  }

  String name() {
    return name;
  }

  boolean isOver() {
    return over;
  }

  PageCounters counters() {
    return counters;
  }

  List<LazySpace> spaces() {
    return spaces;
  }

  @Nullable PageLayout layout(int pid) {
    return pages.layout(pid);
  }

  /** A power of two: how much is brought with one fault. */
  long faultAroundBytes() {
    return server.config().faultAroundBytes();
  }

  long locate(int pagesId, long offset, long bytes) {
    try {
      return pages.source().locate(pagesId, offset, bytes, ready);
    } catch (PageSourceException e) {
      throw e;
    } catch (RuntimeException e) {
      // A defect of one source must not take the instances of others along.
      throw new PageSourceException(
          PageSourceException.Cause.UNREACHABLE, "the source of the pages failed: " + e);
    }
  }

  void asked(int pagesId, long offset, long bytes) {
    if (ahead.records()) {
      asked.add(pagesId, offset, bytes);
    }
  }

  void add(LazySpace space) {
    spaces.add(space);
    loop.watch(space.fd(), space);
  }

  /** CRIU has sent its end mark. */
  void restored() {
    ahead.begin();
    restored.complete(null);
  }

  /** CRIU broke off; its answer to the restore request says why, and brings {@link #abandon}. */
  void broken(String why) {
    restored.completeExceptionally(
        new PageServerException(PageServerException.Cause.RESTORE_BROKEN, why));
  }

  private void sourceIsReady() {
    loop.execute(
        () -> {
          ahead.sourceIsReady();
          for (int i = 0; i < spaces.size() && !failed; i++) {
            try {
              spaces.get(i).answerFaults();
            } catch (PageServerException | PageSourceException e) {
              fail(e);
            }
          }
        });
  }

  /** Does a slice of work; returns after how many nanoseconds to come back. */
  long advance(long now) {
    if (failed) {
      return Long.MAX_VALUE;
    }
    for (int i = 0; i < spaces.size(); i++) {
      LazySpace space = spaces.get(i);
      if (space.waiting()) {
        space.answerFaults();
      }
      boolean finished = space.complete() && restored.isDone();
      if (finished || (ending && server.isGone(loop, space))) {
        space.end();
      }
      if (space.ended()) {
        spaces.remove(i--);
      }
    }
    if (spaces.isEmpty() && (restored.isDone() || ending)) {
      finish();
      return Long.MAX_VALUE;
    }
    long next = ahead.advance(now);
    return ending ? Math.min(next, PROBE_NANOS) : next;
  }

  private void finish() {
    over = true;
    conversation.close();
    pages.release();
    server.aside().execute(() -> done.complete(counters.read()));
  }

  /**
   * Kills the instance. Its descriptors stay open until it is dead: a process whose userfaultfd
   * closes reads zeros where its pages should be.
   */
  void fail(RuntimeException why) {
    if (failed || over) {
      return;
    }
    failed = true;
    LOG.log(
        Logger.Level.ERROR, "event=pages-lost instance={0} reason=\"{1}\"", name, why.getMessage());
    conversation.close();
    spaces.forEach(space -> loop.unwatch(space.fd()));
    restored.completeExceptionally(why);
    server.aside().execute(() -> killThenClose(why));
  }

  private void killThenClose(RuntimeException why) {
    try {
      kill.run();
      spaces.forEach(space -> LinuxCalls.close(space.fd()));
      pages.release();
    } catch (SandboxException e) {
      LOG.log(
          Logger.Level.ERROR,
          "event=kill-failed instance={0} reason=\"{1}\"; its descriptors stay open",
          name,
          e.getMessage());
    }
    over = true;
    done.completeExceptionally(why);
  }
}
