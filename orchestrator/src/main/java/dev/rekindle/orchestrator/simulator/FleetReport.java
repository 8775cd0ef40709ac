package dev.rekindle.orchestrator.simulator;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;

/**
 * What policies did with a fleet.
 *
 * @param functions how many functions
 * @param hours how long the fleet was watched
 * @param memoryGb the memory budget
 * @param storageGb the storage budget
 * @param checks the fleet's statistics beside the published ones
 * @param policies a row for each policy
 */
record FleetReport(
    int functions,
    double hours,
    double memoryGb,
    double storageGb,
    List<FleetCheck> checks,
    List<Row> policies) {
  /**
   * What one policy did.
   *
   * @param name the policy
   * @param coldPercent requests that waited for a boot
   * @param restoredPercent requests that waited for a restore
   * @param standbyPercent requests that found a standby instance
   * @param warmPercent requests that found a warm instance
   * @param coldPercentOfTypical the same as {@code coldPercent}, with each function counted alike
   * @param p50Ms median latency of all requests, starts included
   * @param p99Ms its 99th percentile
   * @param meanStartWaitMs what a request waited for starts, with each function counted alike
   * @param memoryGbMean memory of idle and standby instances, on average over time
   * @param memoryGbHours that memory times the hours
   * @param storedGb what snapshots took in the store in the end
   * @param longestIdleSeconds the idle time that all instances were cut to, so that memory sufficed
   */
  record Row(
      String name,
      double coldPercent,
      double restoredPercent,
      double standbyPercent,
      double warmPercent,
      double coldPercentOfTypical,
      double p50Ms,
      double p99Ms,
      double meanStartWaitMs,
      double memoryGbMean,
      double memoryGbHours,
      double storedGb,
      double longestIdleSeconds) {}

  /** Whether the fleet is like the traces in all that was checked. */
  @JsonProperty
  boolean faithful() {
    return checks.stream().allMatch(FleetCheck::holds);
  }

  String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%d functions over %.0f hours, %.0f GB of memory, %.0f GB of storage%n%n"
                + "%-36s %10s %10s%n",
            functions,
            hours,
            memoryGb,
            storageGb,
            "self-check",
            "published",
            "here"));
    checks.forEach(
        each ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "%-36s %10.3f %10.3f%s%n",
                    each.statistic(),
                    each.published(),
                    each.generated(),
                    each.holds() ? "" : "   DIFFERS")));
    text.append(
        String.format(
            Locale.ROOT,
            "%n%-16s %8s %8s %8s %8s %10s %9s %10s %9s %8s %9s %8s %9s%n",
            "policy",
            "cold %",
            "rest. %",
            "stby %",
            "warm %",
            "typ.cold %",
            "p50 ms",
            "p99 ms",
            "wait ms",
            "mem GB",
            "GB hours",
            "store GB",
            "idle s"));
    policies.forEach(
        each ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "%-16s %8.4f %8.4f %8.4f %8.4f %10.2f %9.1f %10.1f %9.1f %8.1f %9.0f %8.1f"
                        + " %9.0f%n",
                    each.name(),
                    each.coldPercent(),
                    each.restoredPercent(),
                    each.standbyPercent(),
                    each.warmPercent(),
                    each.coldPercentOfTypical(),
                    each.p50Ms(),
                    each.p99Ms(),
                    each.meanStartWaitMs(),
                    each.memoryGbMean(),
                    each.memoryGbHours(),
                    each.storedGb(),
                    each.longestIdleSeconds())));
    return text.toString();
  }
}
