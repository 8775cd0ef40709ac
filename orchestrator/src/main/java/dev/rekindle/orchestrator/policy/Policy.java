package dev.rekindle.orchestrator.policy;

import java.util.List;

/**
 * Decides for one function when to take a snapshot and what to start from. One object for each
 * function; called on the service's event loop, so it answers at once and needs no locks.
 */
public interface Policy {
  /** What a new instance is to be started from. */
  Start start(List<SnapshotView> ready);

  /**
   * Whether to freeze an instance that has just served a request and is idle now.
   *
   * @param life the instance's life so far
   * @param snapshots the function's snapshots, those in the making included
   */
  boolean checkpoint(Life life, List<SnapshotView> snapshots);

  /** How many restored instances are to be kept ready that have served nothing yet. */
  default int standby() {
    return 0;
  }
}
