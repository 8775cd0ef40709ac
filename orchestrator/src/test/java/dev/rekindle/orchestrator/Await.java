package dev.rekindle.orchestrator;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for what comes in its own time. */
public final class Await {
  /** Long, since it is only ever used up by a failure. */
  private static final long PATIENCE_SECONDS = 60;

  private Await() {}

  public static void until(String what, Callable<Boolean> condition) throws Exception {
    value(what, condition, found -> found);
  }

  /** Asks again and again until the answer is as wished, and returns it. */
  public static <T> T value(String what, Callable<T> ask, java.util.function.Predicate<T> wished)
      throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      T answer = ask.call();
      if (wished.test(answer)) {
        return answer;
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            "not within %d s: %s; last seen: %s".formatted(PATIENCE_SECONDS, what, answer));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }
}
