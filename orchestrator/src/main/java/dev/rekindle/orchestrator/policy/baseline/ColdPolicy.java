package dev.rekindle.orchestrator.policy.baseline;

import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.PolicyContext;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import java.util.List;

/** Never takes a snapshot: every start is cold. The baseline of all others. */
public final class ColdPolicy extends DecidingPolicy {
  public static final String NAME = "cold";
  public static final String DESCRIPTION = "Never takes a snapshot; every start is cold.";

  public ColdPolicy(PolicyContext context) {
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
