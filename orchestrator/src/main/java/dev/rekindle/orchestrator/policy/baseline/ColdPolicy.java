package dev.rekindle.orchestrator.policy.baseline;

import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.PolicyContext;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import java.util.List;

/** Never takes a snapshot: every start is cold. The baseline of all others. */
public final class ColdPolicy extends DecidingPolicy {
  /** The policy's name. */
  public static final String NAME = "cold";

  /** What the policy does, in a sentence. */
  public static final String DESCRIPTION = "Never takes a snapshot; every start is cold.";

  /** A policy without parameters. */
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
