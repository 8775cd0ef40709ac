package dev.rekindle.orchestrator.policy.baseline;

import dev.rekindle.api.ParameterType;
import dev.rekindle.api.PolicyParameter;
import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.Parameters;
import dev.rekindle.orchestrator.policy.model.PolicyContext;
import dev.rekindle.orchestrator.policy.model.ReadinessWish;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import java.util.List;

/**
 * Takes one snapshot, after the first successful request of a cold start, and restores it ever
 * after. Source: Silva et al., "Prebaking Functions to Warm the Serverless Cold Start" (Middleware
 * '20), where snapshots after the first request beat those after start-up.
 */
public final class AfterFirstPolicy extends DecidingPolicy {
  /** The policy's name. */
  public static final String NAME = "after-first";

  /** What the policy does, in a sentence. */
  public static final String DESCRIPTION =
      "Takes one snapshot, after the first successful request of a cold start, and restores it.";

  /** The parameter that says how many instances are kept ready. */
  public static final PolicyParameter STANDBY =
      new PolicyParameter(
          "standby",
          ParameterType.NUMBER,
          0,
          0.0,
          100.0,
          "How many restored instances are kept ready that have served nothing yet.");

  private final int standby;

  /** A policy with the given parameters. */
  public AfterFirstPolicy(Parameters parameters, PolicyContext context) {
    super(context);
    standby = parameters.wholeNumber(STANDBY.name());
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public ReadinessWish readiness() {
    return new ReadinessWish(standby, 0, null);
  }

  @Override
  public StartPlan start(List<SnapshotView> ready) {
    return startNewest(ready);
  }

  @Override
  public boolean checkpoint(Life life, List<SnapshotView> snapshots) {
    return freeze(
        life.cold() && life.served() - life.failures() == 1 && snapshots.isEmpty(),
        life,
        "it is the first success, and there is no snapshot");
  }
}
