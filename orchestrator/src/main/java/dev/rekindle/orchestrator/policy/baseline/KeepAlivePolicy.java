package dev.rekindle.orchestrator.policy.baseline;

import dev.rekindle.api.ParameterType;
import dev.rekindle.api.PolicyParameter;
import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.Parameters;
import dev.rekindle.orchestrator.policy.model.PolicyContext;
import dev.rekindle.orchestrator.policy.model.ReadinessWish;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import java.time.Duration;
import java.util.List;

/** Takes no snapshot and keeps idle instances for a time: what most platforms do. A baseline. */
public final class KeepAlivePolicy extends DecidingPolicy {
  /** The policy's name. */
  public static final String NAME = "keep-alive";

  /** What the policy does, in a sentence. */
  public static final String DESCRIPTION =
      "Takes no snapshot; keeps idle instances for a while so that fewer starts are needed.";

  /** The parameter that says how long an idle instance is kept. */
  public static final PolicyParameter IDLE =
      new PolicyParameter(
          "idleSeconds",
          ParameterType.NUMBER,
          600,
          1.0,
          86_400.0,
          "How long an idle instance is kept, in seconds.");

  private final Duration idle;

  /** A policy with the given parameters. */
  public KeepAlivePolicy(Parameters parameters, PolicyContext context) {
    super(context);
    idle = Duration.ofSeconds(parameters.wholeNumber(IDLE.name()));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public StartPlan start(List<SnapshotView> ready) {
    return startCold(StartPlan.COLD, "no instance was kept alive, and it takes no snapshot");
  }

  @Override
  public boolean checkpoint(Life life, List<SnapshotView> snapshots) {
    return false;
  }

  @Override
  public ReadinessWish readiness() {
    return new ReadinessWish(0, 0, idle);
  }
}
