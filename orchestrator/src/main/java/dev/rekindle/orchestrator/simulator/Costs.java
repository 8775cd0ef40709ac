package dev.rekindle.orchestrator.simulator;

/**
 * What starts and checkpoints cost in a simulation.
 *
 * @param coldMs a boot
 * @param restoreMs a restore
 * @param checkpointMs a checkpoint: how long the host is busy with the dump
 * @param snapshotMb the size of a snapshot
 */
public record Costs(double coldMs, double restoreMs, double checkpointMs, double snapshotMb) {
  /** What a mid-sized function costs, see {@code docs/benchmarks.md}. */
  public static final Costs DEFAULT = new Costs(500, 30, 200, 60);

  private static final double NANOS_PER_MS = 1e6;

  long coldNanos() {
    return Math.round(coldMs * NANOS_PER_MS);
  }

  long restoreNanos() {
    return Math.round(restoreMs * NANOS_PER_MS);
  }

  long checkpointNanos() {
    return Math.round(checkpointMs * NANOS_PER_MS);
  }

  long snapshotBytes() {
    return Math.round(snapshotMb * 1e6);
  }
}
