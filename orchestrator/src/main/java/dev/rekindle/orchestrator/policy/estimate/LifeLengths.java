package dev.rekindle.orchestrator.policy.estimate;

import java.util.Arrays;

/** How many requests instances serve before they go, from the last lives that ended. */
public final class LifeLengths {
  private static final int KEPT = 64;

  /** More would make each score slower than it makes it better. */
  private static final int STEPS = 16;

  private final long[] recent = new long[KEPT];
  private int count;
  private int next;
  private long longestRunning = 1;
  private long[] steps = {1};

  /** A life ended after so many requests; one that served nothing tells nothing. */
  public void ended(long served) {
    if (served <= 0) {
      return;
    }
    boolean same = count > 0 && recent[(next + KEPT - 1) % KEPT] == served && steps.length == 1;
    recent[next] = served;
    next = (next + 1) % KEPT;
    count = Math.min(KEPT, count + 1);
    if (!(same && steps[0] == served)) {
      summarize();
    }
  }

  /** A life has come so far. Counts only until one has ended. */
  public void reached(long served) {
    if (count == 0 && served > longestRunning) {
      longestRunning = served;
      steps = new long[] {served};
    }
  }

  private void summarize() {
    long[] sorted = Arrays.copyOf(recent, count);
    Arrays.sort(sorted);
    if (sorted[0] == sorted[count - 1]) {
      steps = new long[] {sorted[0]};
      return;
    }
    int size = Math.min(STEPS, count);
    long[] quantiles = new long[size];
    for (int i = 0; i < size; i++) {
      quantiles[i] = sorted[(int) ((i + 0.5) * count / size)];
    }
    steps = quantiles;
  }

  /** Lengths that are equally likely, ascending. */
  public long[] steps() {
    return steps;
  }

  /** The mean. */
  public double mean() {
    double sum = 0;
    for (long step : steps) {
      sum += step;
    }
    return sum / steps.length;
  }

  /** What half of the lives reach. */
  public long median() {
    return steps[steps.length / 2];
  }

  /** The last lengths, oldest first. */
  public long[] recent() {
    long[] ordered = new long[count];
    for (int i = 0; i < count; i++) {
      ordered[i] = recent[(next + KEPT - count + i) % KEPT];
    }
    return ordered;
  }
}
