package dev.rekindle.orchestrator.policy.baseline;

import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.PolicyContext;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import java.util.List;

/**
 * Takes one snapshot after start-up, before the first request, and restores it ever after. Source:
 * Silva et al., "Prebaking Functions to Warm the Serverless Cold Start" (Middleware '20).
 */
public final class AfterInitPolicy extends DecidingPolicy {
  /** The policy's name. */
  public static final String NAME = "after-init";

  /** What the policy does, in a sentence. */
  public static final String DESCRIPTION =
      "Takes one snapshot after start-up, before any request, and restores it.";

  /** A policy without parameters. */
  public AfterInitPolicy(PolicyContext context) {
    super(context);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public StartPlan start(List<SnapshotView> ready) {
    return startNewest(ready);
  }

  @Override
  public boolean checkpoint(Life life, List<SnapshotView> snapshots) {
    return freeze(
        life.cold() && life.request() == 0 && snapshots.isEmpty(),
        life,
        "it has just booted, and there is no snapshot");
  }
}
