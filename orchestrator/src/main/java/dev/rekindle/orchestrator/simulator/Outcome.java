package dev.rekindle.orchestrator.simulator;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * What one policy did in one simulation.
 *
 * @param name the policy
 * @param medianMs median of what callers waited, starts included
 * @param meanMs its mean
 * @param p99Ms its 99th percentile
 * @param totalSeconds the sum of all latencies plus the time of all checkpoints
 * @param checkpoints how many were taken
 * @param restores how many starts were restores
 * @param coldStarts how many starts were boots
 * @param storedMb the most that snapshots took in the store at one time
 * @param movedMb what was written to the store and read from it: a snapshot for each checkpoint and
 *     each restore
 */
@JsonPropertyOrder({
  "name",
  "medianMs",
  "meanMs",
  "p99Ms",
  "totalSeconds",
  "checkpoints",
  "restores",
  "coldStarts",
  "storedMb",
  "movedMb"
})
public record Outcome(
    String name,
    double medianMs,
    double meanMs,
    double p99Ms,
    double totalSeconds,
    long checkpoints,
    long restores,
    long coldStarts,
    double storedMb,
    double movedMb) {}
