package dev.rekindle.engine;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Waits for what other processes and threads bring about. */
final class Eventually {
  private static final long LIMIT_SECONDS = 20;

  private Eventually() {}

  /** Returns once the condition holds; fails if it does not within 20 s. */
  static void eventually(String what, Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (!condition.call()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + LIMIT_SECONDS + " s: " + what);
      }
      Thread.sleep(2);
    }
  }
}
