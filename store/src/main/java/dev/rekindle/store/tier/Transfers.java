package dev.rekindle.store.tier;

import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that move bytes. What somebody waits for has threads of its own; the rest goes one
 * piece at a time, and not while anything else does.
 */
final class Transfers implements AutoCloseable {
  /** Reads at once: enough to fill a link with answers that take some milliseconds each. */
  private static final int DEMAND_THREADS = 8;

  /** After a failure the rest waits this long: no answer is a sign to ask less. */
  private static final long RETRY_SECONDS = 5;

  /** How long the rest steps aside before it looks again. */
  private static final long ASIDE_MILLIS = 5;

  private final ScheduledExecutorService demand = executor(DEMAND_THREADS, "rekindle-fetch");
  private final ScheduledExecutorService rest = executor(1, "rekindle-fetch-rest");
  private final AtomicInteger demanded = new AtomicInteger();

  private static ScheduledExecutorService executor(int threads, String name) {
    ThreadFactory factory =
        work -> {
          var thread = Executors.defaultThreadFactory().newThread(work);
          thread.setName(name);
          thread.setDaemon(true);
          return thread;
        };
    var executor = new ScheduledThreadPoolExecutor(threads, factory);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    executor.setRemoveOnCancelPolicy(true);
    return executor;
  }

  /** Somebody waits for this. */
  void demand(Runnable work) {
    demanded.incrementAndGet();
    try {
      demand.execute(
          () -> {
            try {
              work.run();
            } finally {
              demanded.decrementAndGet();
            }
          });
    } catch (RejectedExecutionException e) {
      demanded.decrementAndGet(); // closed: those who wait are told by the store's close
    }
  }

  /** Nobody waits for this: it is run once nothing is demanded. */
  void rest(Runnable work) {
    later(work, 0, TimeUnit.MILLISECONDS);
  }

  /** The same, some seconds from now. */
  void restLater(Runnable work) {
    later(work, RETRY_SECONDS, TimeUnit.SECONDS);
  }

  private void later(Runnable work, long delay, TimeUnit unit) {
    try {
      rest.schedule(
          () -> {
            if (demanded.get() > 0) {
              later(work, ASIDE_MILLIS, TimeUnit.MILLISECONDS);
            } else {
              work.run();
            }
          },
          delay,
          unit);
    } catch (RejectedExecutionException e) {
      // Closed: what was not fetched is fetched when somebody asks for it again.
    }
  }

  /** Begins no more work, and waits a moment for what runs. */
  @Override
  public void close() {
    demand.shutdownNow();
    rest.shutdownNow();
    try {
      boolean ended =
          demand.awaitTermination(10, TimeUnit.SECONDS)
              && rest.awaitTermination(10, TimeUnit.SECONDS);
      if (!ended) {
        System.getLogger(Transfers.class.getName())
            .log(System.Logger.Level.WARNING, "event=transfers-still-running");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
