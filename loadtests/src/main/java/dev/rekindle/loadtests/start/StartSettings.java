package dev.rekindle.loadtests.start;

import dev.rekindle.loadtests.run.SampleFunction;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * What {@code bench start} measures.
 *
 * @param function the function that is started
 * @param heapMb size of its heap, in 10^6 bytes
 * @param runs measurements of each mode
 * @param clones how many clones to start at once afterwards; 0 for none
 * @param url the service to measure, or null to start one
 */
public record StartSettings(
    SampleFunction function, int heapMb, int runs, int clones, @Nullable URI url) {
  /** Most {@code heapMb}: twice of it fits into the most memory that a function can have. */
  public static final int MAX_HEAP_MB = 4_096;

  /** Most {@code runs}. */
  static final int MAX_RUNS = 10_000;

  /** Most {@code clones}: the most instances that one function can have. */
  static final int MAX_CLONES = 1_000;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException naming the option at fault
   */
  public StartSettings {
    check("--heap-mb", heapMb, 1, MAX_HEAP_MB);
    check("--runs", runs, 1, MAX_RUNS);
    check("--clones", clones, 0, MAX_CLONES);
    if (url != null && url.getHost() == null) {
      throw new IllegalArgumentException("--url takes an address such as http://localhost:8080");
    }
  }

  private static void check(String option, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "%s takes a number from %d to %d, not %d".formatted(option, min, max, value));
    }
  }
}
