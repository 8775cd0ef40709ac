package dev.rekindle.orchestrator.policy.estimate;

import java.util.Arrays;

/** Estimates that a few outliers do not move, and the normal distribution. */
public final class Statistics {
  private Statistics() {}

  /** The middle of some values, which get sorted; 0 if there are none. */
  static double median(double[] values) {
    if (values.length == 0) {
      return 0;
    }
    Arrays.sort(values);
    return (values[values.length / 2] + values[(values.length - 1) / 2]) / 2;
  }

  /** The mean of some values; 0 if there are none. */
  static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return values.length == 0 ? 0 : sum / values.length;
  }

  /**
   * The mean square of how far the lower half of some values lies below their median, as a share of
   * it. Pauses are outliers upwards: they say nothing about how much luck there is to be had.
   */
  static double lowerSpread(double[] values, double median) {
    int below = values.length / 2;
    double sum = 0;
    for (int i = 0; i < below; i++) {
      double off = values[i] / median - 1;
      sum += off * off;
    }
    return below == 0 || median <= 0 ? 0 : sum / below;
  }

  /**
   * The expected least of so many standard normal values: Blom, "Statistical Estimates and
   * Transformed Beta-Variables" (1958), with the quantile of Abramowitz and Stegun, 26.2.23.
   */
  public static double expectedLeast(double count) {
    if (count <= 1) {
      return 0;
    }
    double t = Math.sqrt(-2 * Math.log(0.625 / (count + 0.25)));
    double above = 2.515517 + t * (0.802853 + t * 0.010328);
    double below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
    return above / below - t;
  }

  /** The expectation of what a normal value is above zero (expected improvement: Mockus 1975). */
  public static double expectedExcess(double mean, double deviation) {
    double z = deviation <= 0 ? Double.POSITIVE_INFINITY : mean / deviation;
    if (deviation <= 0 || Math.abs(z) > 8) {
      return Math.max(0, mean);
    }
    double density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
    return mean * below(z, density) + deviation * density;
  }

  /** The normal distribution: Abramowitz and Stegun, 26.2.17. */
  private static double below(double z, double density) {
    double t = 1 / (1 + 0.2316419 * Math.abs(z));
    double sum =
        0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429)));
    double tail = density * t * sum;
    return z >= 0 ? 1 - tail : tail;
  }
}
