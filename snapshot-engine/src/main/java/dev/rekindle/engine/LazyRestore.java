package dev.rekindle.engine;

import dev.rekindle.engine.pages.LazyOptions;
import dev.rekindle.engine.pages.PageServer;
import dev.rekindle.engine.pages.PageServerException;
import dev.rekindle.engine.pages.PageSession;
import dev.rekindle.engine.pages.SnapshotPages;
import dev.rekindle.engine.sandbox.Sandbox;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A restore with the page server at hand. */
final class LazyRestore {
  /** CRIU's end mark is sent before its answer, so it is as good as there. */
  private static final Duration END_MARK_TIMEOUT = Duration.ofSeconds(5);

  private final PageServer server;
  private final Restore restore;
  private final Sandbox sandbox;
  private final Path snapshot;

  /** With the page server at hand, {@code restore} in a sandbox that shows {@code snapshot}. */
  LazyRestore(PageServer server, Restore restore, Path snapshot) {
    this.server = server;
    this.restore = restore;
    this.sandbox = restore.sandbox();
    this.snapshot = snapshot;
  }

  /** Has the page server listen; one use of the pages passes to the session. */
  PageSession begin(SnapshotPages pages, LazyOptions options) {
    try {
      PageSession session =
          server.serve(sandbox.id(), pages, options, sandbox.workDirectory(), sandbox::killAll);
      sandbox.ended().thenRun(session::abandon);
      return session;
    } catch (PageServerException e) {
      throw failed("its pages are not served: " + e.getMessage());
    }
  }

  /** Restores and returns the root process's pid in the sandbox. */
  int run(PageSession session) {
    int pid = restore.run();
    try {
      session.restoredByCriu().get(END_MARK_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      return pid;
    } catch (ExecutionException | TimeoutException e) {
      throw failed("its pages are not served: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("the restore was interrupted");
    }
  }

  private RestoreException failed(String why) {
    return new RestoreException(
        RestoreException.Cause.INTERRUPTED, why + " " + snapshot, List.of());
  }
}
