package dev.rekindle.orchestrator.policy.baseline;

import dev.rekindle.api.ParameterType;
import dev.rekindle.api.PolicyParameter;
import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.Newest;
import dev.rekindle.orchestrator.policy.model.Parameters;
import dev.rekindle.orchestrator.policy.model.PolicyContext;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import java.util.List;

/**
 * Freezes an idle instance when it is about to be evicted, and starts from the process that has
 * served most: reactive checkpointing, as presented at the Workshop on Resource Disaggregation and
 * Serverless (WORDS '23).
 */
public final class OnEvictPolicy extends DecidingPolicy {
  /** The policy's name. */
  public static final String NAME = "on-evict";

  /** What the policy does, in a sentence. */
  public static final String DESCRIPTION =
      "Freezes an idle instance when it is about to be evicted, and restores the newest snapshot.";

  /** The parameter that says up to which request checkpoints are taken. */
  public static final PolicyParameter LAST_REQUEST =
      new PolicyParameter(
          "lastRequest",
          ParameterType.NUMBER,
          0,
          0.0,
          1e9,
          "The request number from which on no more snapshots are taken; 0 for no such number.");

  private final long lastRequest;

  /** A policy with the given parameters. */
  public OnEvictPolicy(Parameters parameters, PolicyContext context) {
    super(context);
    lastRequest = parameters.wholeNumber(LAST_REQUEST.name());
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
    return false;
  }

  @Override
  public boolean checkpointAtEviction(Life life, List<SnapshotView> snapshots) {
    for (SnapshotView each : snapshots) {
      if (each.request() >= life.request() || (lastRequest > 0 && each.request() >= lastRequest)) {
        return false;
      }
    }
    return freeze(life.request() > 0, life, "it is further on than any snapshot");
  }

  @Override
  public List<String> prune(List<SnapshotView> ready) {
    return remove(Newest.othersOf(ready), ready, "another one has more requests behind it");
  }
}
