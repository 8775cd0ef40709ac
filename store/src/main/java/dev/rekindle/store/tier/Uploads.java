package dev.rekindle.store.tier;

import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreException.Reason;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * The one thread that changes the shared store: uploads, removals and collections of this node come
 * one after the other. What fails is tried again, later each time, for as long as it takes.
 */
public final class Uploads implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Uploads.class.getName());
  private static final long FIRST_RETRY_MILLIS = 500;
  private static final long LAST_RETRY_MILLIS = 60_000;

  private final ScheduledThreadPoolExecutor thread;
  private final RandomGenerator random;

  /** Guarded by this, as is the next. */
  private final Set<String> waiting = new LinkedHashSet<>();

  private final Map<String, Integer> failures = new HashMap<>();

  /** Something to do on the thread. */
  interface Task {
    /** Does it. */
    void run() throws StoreException;
  }

  Uploads(RandomGenerator random) {
    this.random = random;
    this.thread =
        new ScheduledThreadPoolExecutor(
            1,
            work -> {
              var thread = new Thread(work, "rekindle-upload");
              thread.setDaemon(true);
              return thread;
            });
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /**
   * Has something done, and tried again until it succeeds.
   *
   * @return false if it waits already, and nothing was done
   */
  boolean submit(String name, Task task) {
    synchronized (this) {
      if (!waiting.add(name)) {
        return false;
      }
    }
    schedule(name, task, 0);
    return true;
  }

  /** Whether something by that name waits or runs. */
  synchronized boolean isWaiting(String name) {
    return waiting.contains(name);
  }

  /** How many things wait or run. */
  synchronized int waiting() {
    return waiting.size();
  }

  private void schedule(String name, Task task, long delayMillis) {
    try {
      thread.schedule(() -> run(name, task), delayMillis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // Closed: the next start finds it anew.
    }
  }

  private void run(String name, Task task) {
    try {
      task.run();
    } catch (StoreException e) {
      retry(name, task, e);
      return;
    } catch (RuntimeException e) {
      retry(name, task, new StoreException(Reason.IO_FAILED, "defect: " + e, e));
      return;
    }
    synchronized (this) {
      waiting.remove(name);
      failures.remove(name);
    }
  }

  private void retry(String name, Task task, StoreException why) {
    if (thread.isShutdown()) {
      return; // broken off; the next start finds it anew
    }
    int times;
    synchronized (this) {
      times = failures.merge(name, 1, Integer::sum);
    }
    long delay = Math.min(LAST_RETRY_MILLIS, FIRST_RETRY_MILLIS << Math.min(20, times - 1));
    // With jitter, so that nodes do not come back all at once.
    delay = delay / 2 + random.nextLong(delay / 2 + 1);
    LOG.log(
        Level.WARNING,
        "event=shared-store-retry task={0} failures={1} delay_ms={2} cause=\"{3}\"",
        name,
        times,
        delay,
        why.getMessage());
    schedule(name, task, delay);
  }

  /** Begins nothing more, and waits a moment for what runs. */
  @Override
  public void close() {
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.log(Level.WARNING, "event=upload-still-running");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
