package dev.rekindle.s3server;

import java.time.Duration;

/** One direction of a link, shared by all its connections. Thread-safe. */
final class Lane {
  private static final long NANOS = 1_000_000_000L;

  private long delayNanos;
  private long bytesPerSecond;

  /** When the lane has sent all that it took. */
  private long freeNanos = System.nanoTime();

  private long carried;
  private long cutAfter;
  private long cutEvery;
  private int cuts;

  synchronized void shape(Duration delay, long limit) {
    delayNanos = delay.toNanos();
    bytesPerSecond = limit;
  }

  synchronized void cutAfter(long bytes, int times) {
    cutAfter = carried + bytes;
    cuts = times;
    cutEvery = bytes;
  }

  /**
   * Takes bytes in.
   *
   * @return how many of them pass, and when they arrive
   */
  synchronized Passage take(int bytes) {
    boolean cut = cuts > 0 && carried + bytes > cutAfter;
    int pass = cut ? (int) (cutAfter - carried) : bytes;
    carried += pass;
    if (cut) {
      cuts--;
      cutAfter = carried + cutEvery;
    }
    long now = System.nanoTime();
    if (freeNanos - now < 0) {
      freeNanos = now;
    }
    if (bytesPerSecond > 0) {
      freeNanos += pass * NANOS / bytesPerSecond;
    }
    return new Passage(pass, freeNanos + delayNanos, cut);
  }

  /** How long a byte is under way. */
  synchronized long delayNanos() {
    return delayNanos;
  }

  synchronized long carried() {
    return carried;
  }

  /**
   * What becomes of bytes.
   *
   * @param bytes how many pass
   * @param atNanos when they arrive, by {@link System#nanoTime()}
   * @param cut whether the connection ends behind them
   */
  record Passage(int bytes, long atNanos, boolean cut) {}
}
