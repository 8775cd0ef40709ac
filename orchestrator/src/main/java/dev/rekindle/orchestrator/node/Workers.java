package dev.rekindle.orchestrator.node;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The threads that may block: the event loop never does. Starting and freezing instances have
 * threads of their own, so that a slow disk does not stop restores.
 */
public final class Workers implements AutoCloseable {
  /** Starts are bound by the processor: a few more than cores keep it busy over system calls. */
  private static final int START_THREADS = Runtime.getRuntime().availableProcessors() + 2;

  private static final int FILE_THREADS = 4;

  private final WorkerExecutor starts;
  private final WorkerExecutor files;
  private final Set<Future<?>> running = ConcurrentHashMap.newKeySet();

  /** Threads of their own for one service. */
  public Workers(Vertx vertx) {
    starts = vertx.createSharedWorkerExecutor("rekindle-start", START_THREADS, 5, TimeUnit.MINUTES);
    files = vertx.createSharedWorkerExecutor("rekindle-files", FILE_THREADS, 5, TimeUnit.MINUTES);
  }

  /** Work on the path of a waiting request. */
  public <T> Future<T> start(Callable<T> work) {
    return noted(starts.executeBlocking(work, false));
  }

  /** Other work on files and processes. */
  public <T> Future<T> file(Callable<T> work) {
    return noted(files.executeBlocking(work, false));
  }

  private <T> Future<T> noted(Future<T> work) {
    running.add(work);
    return work.onComplete(done -> running.remove(work));
  }

  /** Completes when all work that was given so far is done, well or not. */
  public Future<Void> drained() {
    return Future.join(List.copyOf(running)).otherwiseEmpty().mapEmpty();
  }

  @Override
  public void close() {
    var unused = Future.join(starts.close(), files.close());
  }
}
