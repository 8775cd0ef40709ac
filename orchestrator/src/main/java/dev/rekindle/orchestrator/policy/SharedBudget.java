package dev.rekindle.orchestrator.policy;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Limits for all functions of a node. As each limit comes near, only what saves more passes: the
 * bar rises from nothing, at nine tenths of the limit, to the best seen lately, at the limit. So
 * the first to ask does not take what a better one needs. One thread.
 */
public final class SharedBudget {
  private static final long HOUR_MS = 3_600_000;

  /** Offers that the bar is measured by. */
  private static final int REMEMBERED = 100;

  private final InstantSource clock;
  private final double checkpointsPerHour;
  private final double storedBytes;
  private final double memoryBytes;
  private final Deque<Long> taken = new ArrayDeque<>();
  private final Bar savings = new Bar();
  private final Bar density = new Bar();
  private double held;
  private double largest;
  private double price;

  /** The offers of late, and how good one must be. */
  private static final class Bar {
    private final double[] offers = new double[REMEMBERED];
    private int count;

    /** Whether an offer is good enough when this share of the limit is used. */
    boolean lets(double offer, double used) {
      int better = 0;
      int known = Math.min(count, REMEMBERED);
      for (int i = 0; i < known; i++) {
        if (offers[i] < offer) {
          better++;
        }
      }
      offers[count++ % REMEMBERED] = offer;
      double wanted = Math.max(0, 10 * used - 9);
      return used < 1 && (known == 0 || better >= wanted * known);
    }
  }

  /**
   * Sets the limits.
   *
   * @param clock tells the time
   * @param checkpointsPerHour of all functions
   * @param storedBytes of all snapshots
   * @param memoryBytes of all idle and standby instances
   */
  public SharedBudget(
      InstantSource clock, double checkpointsPerHour, double storedBytes, double memoryBytes) {
    this.clock = clock;
    this.checkpointsPerHour = checkpointsPerHour;
    this.storedBytes = storedBytes;
    this.memoryBytes = memoryBytes;
  }

  /** Tells what all snapshots take in the store now. */
  public void stored(double bytes) {
    held = bytes;
  }

  /**
   * Tells what idle and standby instances hold now; to be called regularly. Over the limit the
   * price of memory rises by a tenth each time, below nine tenths of it it falls by as much.
   *
   * @param bytes what they hold
   */
  public void memory(double bytes) {
    if (bytes > memoryBytes) {
      price = Math.max(price * 1.1, 1e-4);
    } else if (bytes < 0.9 * memoryBytes) {
      price = price < 1e-6 ? 0 : price / 1.1;
    }
  }

  /** The budget as a function's policy sees it. */
  public Budget view() {
    return new Budget() {
      @Override
      public boolean mayCheckpoint(double savedSeconds) {
        return savings.lets(savedSeconds, recent() / Math.max(1e-9, checkpointsPerHour));
      }

      @Override
      public void checkpointed() {
        taken.addLast(clock.millis());
      }

      @Override
      public boolean mayHold(long bytes, double savedSecondsPerHour) {
        largest = Math.max(largest, (double) bytes);
        double room =
            bytes > 0 ? (double) bytes : largest; // unknown before a function's first snapshot
        return held + room <= storedBytes
            && density.lets(
                savedSecondsPerHour / Math.max(1, bytes), held / Math.max(1, storedBytes));
      }

      @Override
      public boolean storageIsShort() {
        return held > storedBytes / 4;
      }

      @Override
      public double nanosPerByteSecond() {
        return price;
      }
    };
  }

  private int recent() {
    long since = clock.millis() - HOUR_MS;
    while (!taken.isEmpty() && taken.getFirst() < since) {
      taken.removeFirst();
    }
    return taken.size();
  }
}
