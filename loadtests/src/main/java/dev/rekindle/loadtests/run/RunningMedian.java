package dev.rekindle.loadtests.run;

import java.util.ArrayList;
import java.util.List;

/** What latencies come to when single ones are left aside. */
public final class RunningMedian {
  private RunningMedian() {}

  /**
   * For each value the median of those around it; at the ends of those that there are.
   *
   * @param reach how many on each side count
   */
  public static List<Double> of(List<Double> values, int reach) {
    List<Double> medians = new ArrayList<>(values.size());
    for (int i = 0; i < values.size(); i++) {
      int from = Math.max(0, i - reach);
      int to = Math.min(values.size(), i + reach + 1);
      medians.add(Percentiles.at(values.subList(from, to), 50));
    }
    return medians;
  }
}
