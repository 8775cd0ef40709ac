package dev.rekindle.orchestrator.policy.model;

/** How to bring up an instance. */
public sealed interface Start {
  /** Boot from nothing. */
  Start COLD = new Cold();

  /** Boot from nothing. */
  record Cold() implements Start {}

  /**
   * Restore a snapshot.
   *
   * @param snapshotId which one
   */
  record Restore(String snapshotId) implements Start {}
}
