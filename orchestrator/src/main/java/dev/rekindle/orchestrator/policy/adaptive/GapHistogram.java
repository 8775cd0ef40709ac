package dev.rekindle.orchestrator.policy.adaptive;

import java.util.Arrays;

/**
 * How long a function pauses between requests: a histogram with four bins for each doubling, from a
 * millisecond to half a year. Old gaps fade, so that a changed pattern shows. After Shahrad et al.,
 * "Serverless in the Wild" (ATC '20), with bins by ratio instead of by minute, since starts here
 * take milliseconds.
 */
final class GapHistogram {
  static final int PER_DOUBLING = 4;
  static final int BINS = 136;

  private static final double[] UPPER_MILLIS = new double[BINS];

  static {
    for (int bin = 0; bin < BINS; bin++) {
      UPPER_MILLIS[bin] = Math.pow(2, bin / (double) PER_DOUBLING);
    }
  }

  /** Gaps that count; more than these and the oldest fade. */
  private static final double MEMORY = 500;

  private final double[] counts = new double[BINS];
  private double total;

  /** Takes in a gap. */
  void add(double millis) {
    if (total >= MEMORY) {
      double keep = 1 - 1 / MEMORY;
      for (int i = 0; i < BINS; i++) {
        counts[i] *= keep;
      }
      total *= keep;
    }
    counts[bin(millis)]++;
    total++;
  }

  private static int bin(double millis) {
    if (millis <= 1) {
      return 0;
    }
    return Math.min(BINS - 1, 1 + (int) (Math.log(millis) / Math.log(2) * PER_DOUBLING));
  }

  /** The upper edge of a bin. */
  static double upperMillis(int bin) {
    return UPPER_MILLIS[bin];
  }

  /** How many gaps count. */
  double total() {
    return total;
  }

  double count(int bin) {
    return counts[bin];
  }

  /** The upper edge of the bin that holds this share of the gaps, or 0 if there are none. */
  double quantileMillis(double share) {
    double sum = 0;
    for (int i = 0; i < BINS; i++) {
      sum += counts[i];
      if (total > 0 && sum >= share * total) {
        return upperMillis(i);
      }
    }
    return 0;
  }

  /** How many requests come in a millisecond, on average. */
  double perMilli() {
    double sum = 0;
    for (int i = 0; i < BINS; i++) {
      sum += counts[i] * upperMillis(i);
    }
    return sum <= 0 ? 0 : total / sum;
  }

  /** The counts, for keeping. */
  double[] counts() {
    return counts.clone();
  }

  /** Takes over kept counts. */
  void restore(double[] kept) {
    System.arraycopy(kept, 0, counts, 0, BINS);
    total = Arrays.stream(counts).sum();
  }
}
