package dev.rekindle.orchestrator.policy.baseline;

import dev.rekindle.api.ParameterType;
import dev.rekindle.api.PolicyParameter;
import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.Newest;
import dev.rekindle.orchestrator.policy.model.Parameters;
import dev.rekindle.orchestrator.policy.model.PolicyContext;
import dev.rekindle.orchestrator.policy.model.Progress;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.Start;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import dev.rekindle.orchestrator.policy.model.Training;
import java.util.List;
import java.util.Optional;

/**
 * Takes one snapshot after a chosen request. Where instances do not live that long, it gets there
 * in steps: it freezes each instance that is evicted early and goes on from there. The snapshots on
 * the way are removed.
 */
public final class FixedPolicy extends DecidingPolicy {
  /** The policy's name. */
  public static final String NAME = "fixed";

  /** What the policy does, in a sentence. */
  public static final String DESCRIPTION =
      "Takes one snapshot after the request with a chosen number, in steps if instances do not"
          + " live that long, and restores it.";

  /** The parameter that says after which request the checkpoint is taken. */
  public static final PolicyParameter REQUEST =
      new PolicyParameter(
          "request",
          ParameterType.NUMBER,
          10,
          0.0,
          1e9,
          "The number of the request to freeze after, counted from the boot of the process.");

  private final long request;

  /** A policy with the given parameters. */
  public FixedPolicy(Parameters parameters, PolicyContext context) {
    super(context);
    request = parameters.wholeNumber(REQUEST.name());
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
        life.request() == request && furthest(snapshots) < request,
        life,
        "it is the chosen request");
  }

  @Override
  public boolean checkpointAtEviction(Life life, List<SnapshotView> snapshots) {
    return freeze(
        life.request() < request && life.request() > Math.max(0, furthest(snapshots)),
        life,
        "it is a step on the way to the chosen request");
  }

  @Override
  public Optional<Training> training(List<SnapshotView> ready) {
    return Optional.ofNullable(Progress.furthest(ready))
        .filter(furthest -> furthest.request() < request)
        .map(
            furthest -> new Training(new Start.Restore(furthest.id()), request, Training.NO_LIMIT));
  }

  @Override
  public List<String> prune(List<SnapshotView> ready) {
    return remove(Newest.othersOf(ready), ready, "another one is further on the way");
  }

  private static long furthest(List<SnapshotView> snapshots) {
    SnapshotView furthest = Progress.furthest(snapshots);
    return furthest == null ? -1 : furthest.request();
  }
}
