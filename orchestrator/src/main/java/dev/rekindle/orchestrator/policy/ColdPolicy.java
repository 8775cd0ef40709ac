package dev.rekindle.orchestrator.policy;

import java.util.List;

/** Never takes a snapshot: every start is cold. The baseline of all others. */
final class ColdPolicy extends DecidingPolicy {
  static final String NAME = "cold";
  static final String DESCRIPTION = "Never takes a snapshot; every start is cold.";

  ColdPolicy(PolicyContext context) {
    super(context);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public StartPlan start(List<SnapshotView> ready) {
    return startCold(StartPlan.COLD, "it never takes a snapshot");
  }

  @Override
  public boolean checkpoint(Life life, List<SnapshotView> snapshots) {
    return false;
  }
}
