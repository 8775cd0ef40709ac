package dev.rekindle.orchestrator.policy;

import java.util.List;

/**
 * Takes one snapshot after start-up, before the first request, and restores it ever after. Source:
 * Silva et al., "Prebaking Functions to Warm the Serverless Cold Start" (Middleware '20).
 */
final class AfterInitPolicy implements Policy {
  static final String NAME = "after-init";
  static final String DESCRIPTION =
      "Takes one snapshot after start-up, before any request, and restores it.";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public StartPlan start(List<SnapshotView> ready) {
    return Newest.start(ready);
  }

  @Override
  public boolean checkpoint(Life life, List<SnapshotView> snapshots) {
    return life.cold() && life.request() == 0 && snapshots.isEmpty();
  }
}
