package dev.rekindle.loadtests.store;

import dev.rekindle.loadtests.run.SampleFunction;
import dev.rekindle.loadtests.start.StartSettings;

/**
 * What {@code bench store} measures.
 *
 * @param function the function that is restored
 * @param heapMb size of its heap, in 10^6 bytes
 * @param runs measurements of each mode
 * @param latencyMs how long a byte takes to the store and its answer back, in milliseconds
 * @param bandwidthMb what the link carries in each direction, in 10^6 bytes a second
 * @param functions how many functions of one runtime to store
 * @param snapshots how many successive snapshots of one function to store
 */
record StoreSettings(
    SampleFunction function,
    int heapMb,
    int runs,
    double latencyMs,
    double bandwidthMb,
    int functions,
    int snapshots) {
  /** Least {@code bandwidthMb}: with less, requests of the service time out. */
  private static final double LEAST_BANDWIDTH_MB = 1;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException naming the option at fault
   */
  StoreSettings {
    check("--heap-mb", heapMb, 1, StartSettings.MAX_HEAP_MB);
    check("--runs", runs, 1, 1_000);
    check("--latency-ms", latencyMs, 0, 1_000);
    check("--bandwidth-mb", bandwidthMb, LEAST_BANDWIDTH_MB, 100_000);
    check("--functions", functions, 1, 100);
    check("--snapshots", snapshots, 1, 100);
  }

  private static void check(String option, double value, double min, double max) {
    if (!(value >= min && value <= max)) {
      throw new IllegalArgumentException(
          "%s takes a number from %.0f to %.0f, not %s"
              .formatted(option, min, max, value == Math.rint(value) ? (long) value : value));
    }
  }
}
