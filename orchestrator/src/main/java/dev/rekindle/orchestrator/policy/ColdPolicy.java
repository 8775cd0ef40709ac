package dev.rekindle.orchestrator.policy;

import java.util.List;

/** Never takes a snapshot: every start is cold. The baseline of all others. */
final class ColdPolicy implements Policy {
  static final String NAME = "cold";
  static final String DESCRIPTION = "Never takes a snapshot; every start is cold.";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public StartPlan start(List<SnapshotView> ready) {
    return StartPlan.COLD;
  }

  @Override
  public boolean checkpoint(Life life, List<SnapshotView> snapshots) {
    return false;
  }
}
