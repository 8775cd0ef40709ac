package dev.rekindle.loadtests.run;

import java.util.List;
import java.util.Optional;

/**
 * A summary of measurements.
 *
 * @param p50 the median
 * @param p95 what 95 of 100 did not exceed
 * @param min the least
 */
public record Percentiles(double p50, double p95, double min) {
  /** Summarises, or nothing if there is nothing. */
  public static Optional<Percentiles> of(List<Double> values) {
    return values.isEmpty()
        ? Optional.empty()
        : Optional.of(new Percentiles(at(values, 50), at(values, 95), at(values, 0)));
  }

  /**
   * The value at a percentile by nearest rank: always one that was measured, the least of those
   * that at least so many percent do not exceed.
   *
   * @param percent from 0, the least, to 100, the greatest
   */
  public static double at(List<Double> values, double percent) {
    List<Double> sorted = values.stream().sorted().toList();
    int rank = (int) Math.ceil(percent / 100 * sorted.size());
    return sorted.get(Math.max(0, rank - 1));
  }
}
