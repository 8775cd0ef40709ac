package dev.rekindle.orchestrator.policy;

import java.util.List;

/**
 * Takes one snapshot after start-up, before the first request, and restores it ever after. Source:
 * Silva et al., "Prebaking Functions to Warm the Serverless Cold Start" (Middleware '20).
 */
final class AfterInitPolicy extends DecidingPolicy {
  static final String NAME = "after-init";
  static final String DESCRIPTION =
      "Takes one snapshot after start-up, before any request, and restores it.";

  AfterInitPolicy(PolicyContext context) {
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
