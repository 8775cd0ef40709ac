package dev.rekindle.orchestrator.node;

import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;

/**
 * The one thread that the service's state lives on: its timers, its clocks, and the way back to it
 * from other threads. Nothing that runs on it blocks. The only source of time in the service, so
 * that tests can move time by hand.
 */
public interface EventLoop {
  /** Runs a task once, {@code delayMs} milliseconds from now; the delay is at least 1. */
  Timer after(long delayMs, Runnable task);

  /** Runs a task after {@code firstMs} milliseconds, and then every {@code periodMs}. */
  Timer every(long firstMs, long periodMs, Runnable task);

  /** Runs a task every {@code periodMs} milliseconds. */
  default Timer every(long periodMs, Runnable task) {
    return every(periodMs, periodMs, task);
  }

  /** Runs a task on the loop, after what runs there now. May be called from any thread. */
  void post(Runnable task);

  /** A future for what other threads complete; it calls back on the loop. */
  <T> Future<T> future(CompletionStage<T> stage);

  /** Nanoseconds of a clock that only goes forward, as {@link System#nanoTime} has them. */
  long nanoTime();

  /** The wall clock. */
  InstantSource clock();

  /** A task that will run. */
  interface Timer {
    /** Stops it; false if it has run already or was stopped before. */
    boolean cancel();
  }
}
