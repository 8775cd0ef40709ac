package dev.rekindle.orchestrator.policy;

import dev.rekindle.api.ParameterType;
import dev.rekindle.api.PolicyParameter;
import java.time.Duration;
import java.util.List;

/** Takes no snapshot and keeps idle instances for a time: what most platforms do. A baseline. */
final class KeepAlivePolicy extends DecidingPolicy {
  static final String NAME = "keep-alive";
  static final String DESCRIPTION =
      "Takes no snapshot; keeps idle instances for a while so that fewer starts are needed.";

  static final PolicyParameter IDLE =
      new PolicyParameter(
          "idleSeconds",
          ParameterType.NUMBER,
          600,
          1.0,
          86_400.0,
          "How long an idle instance is kept, in seconds.");

  private final Duration idle;

  KeepAlivePolicy(Parameters parameters, PolicyContext context) {
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
