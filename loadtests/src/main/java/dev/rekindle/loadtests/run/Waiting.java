package dev.rekindle.loadtests.run;

import java.time.Duration;

/** Waits for what other processes do. */
public final class Waiting {
  private static final Duration STEP = Duration.ofMillis(10);

  private Waiting() {}

  /** A condition; it may fail, which ends the waiting. */
  public interface Condition {
    /** Whether it holds. */
    boolean holds();
  }

  /**
   * Waits until a condition holds.
   *
   * @throws BenchmarkException if it does not hold in time
   */
  public static void until(String what, Duration patience, Condition condition) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        throw new BenchmarkException(
            BenchmarkException.Cause.SERVICE,
            "%s did not come within %d s".formatted(what, patience.toSeconds()));
      }
      pause(STEP);
    }
  }

  /**
   * Does nothing for a while.
   *
   * @throws BenchmarkException if the thread is interrupted
   */
  public static void pause(Duration duration) {
    try {
      Thread.sleep(duration.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkException(BenchmarkException.Cause.INTERRUPTED, "interrupted");
    }
  }
}
