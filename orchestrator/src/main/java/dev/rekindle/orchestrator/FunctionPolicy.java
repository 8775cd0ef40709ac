package dev.rekindle.orchestrator;

import dev.rekindle.api.EventType;
import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.Phase;
import dev.rekindle.api.ServerTiming;
import dev.rekindle.orchestrator.policy.Checkpointed;
import dev.rekindle.orchestrator.policy.Phases;
import dev.rekindle.orchestrator.policy.Policy;
import dev.rekindle.orchestrator.policy.PolicyState;
import dev.rekindle.orchestrator.policy.PolicyStateException;
import dev.rekindle.orchestrator.policy.Served;
import dev.rekindle.orchestrator.policy.SnapshotView;
import dev.rekindle.orchestrator.policy.StartPlan;
import dev.rekindle.orchestrator.policy.Started;
import dev.rekindle.orchestrator.policy.Training;
import dev.rekindle.orchestrator.policy.TrainingStep;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Speaks for the policy of one version of a function: whoever runs its instances asks here, and
 * tells here what happened. Lives on the service's event loop.
 */
final class FunctionPolicy {
  /** After so many failed checkpoints of a version it goes on without snapshots. */
  private static final int MAX_CHECKPOINT_FAILURES = 3;

  private final Node node;
  private DeployedFunction function;
  private Policy policy;
  private int checkpointFailures;
  private @Nullable String checkpointFailure;
  private boolean refused;
  private long lastArrivalMs;
  private Runnable onChange = () -> {};
  private long news;

  FunctionPolicy(Node node, DeployedFunction function, Policy policy) {
    this.node = node;
    this.function = function;
    this.policy = policy;
  }

  /** The version it speaks for. */
  DeployedFunction function() {
    return function;
  }

  /** Calls back when there is something new to keep. */
  void onChange(Runnable listener) {
    onChange = listener;
  }

  /**
   * Puts another policy in force; checkpoints may be tried again. The same policy keeps what it has
   * learnt, also with other parameters; another one begins with nothing.
   */
  void choose(DeployedFunction changed, Policy other) {
    boolean same = changed.settings().policy().equals(function.settings().policy());
    function = changed;
    checkpointFailures = 0;
    if (!same) {
      if (other.name().equals(policy.name())) {
        learn(other, policy.state());
      }
      policy = other;
    }
    changed();
  }

  /** Goes on with what an earlier version's policy learnt, if that ran the same code. */
  void follow(FunctionPolicy earlier) {
    if (function.identity().equals(earlier.function.identity())
        && policy.name().equals(earlier.policy.name())) {
      learn(policy, earlier.policy.state());
    }
  }

  /** Goes on with what was kept. */
  void restore(KeptPolicy kept) {
    learn(policy, kept.inForce());
  }

  private void learn(Policy student, PolicyState state) {
    try {
      student.restore(state);
    } catch (PolicyStateException e) {
      PolicyStates.notUsed(function.name(), String.valueOf(e.getMessage()));
    }
  }

  /** What is to be kept. */
  KeptPolicy kept() {
    return new KeptPolicy(function.identity(), policy.state(), null);
  }

  /** Why the latest checkpoint failed, or null if it did not. */
  @Nullable String checkpointFailure() {
    return checkpointFailure;
  }

  /** What a new instance is to be started from. */
  StartPlan start() {
    return policy.start(node.snapshots().views(function, true));
  }

  /** Whether to freeze an instance that has just booted or just answered. */
  boolean wantsCheckpoint(Instance instance) {
    return mayCheckpoint()
        && policy.checkpoint(instance.life(), node.snapshots().views(function, false))
        && granted(instance);
  }

  /** Whether to freeze an idle instance that is about to be evicted; not if it served nothing. */
  boolean wantsCheckpointAtEviction(Instance instance) {
    return instance.served() > 0
        && mayCheckpoint()
        && policy.checkpointAtEviction(instance.life(), node.snapshots().views(function, false))
        && granted(instance);
  }

  /** The node's limits hold for all policies, also for those that do not ask for them. */
  private boolean granted(Instance instance) {
    Optional<String> refusal = node.budget().refusal();
    if (refusal.isPresent() && !refused) { // one event for a row of refusals
      node.events()
          .add(
              EventType.FAILURE,
              function.name(),
              instance.id(),
              null,
              "checkpoint refused: " + refusal.get(),
              null);
    }
    refused = refusal.isPresent();
    return !refused;
  }

  private boolean mayCheckpoint() {
    return checkpointFailures < MAX_CHECKPOINT_FAILURES;
  }

  /** What to train a clone to, if the function has been frozen before and may be frozen now. */
  Optional<Training> training() {
    List<SnapshotView> ready = node.snapshots().views(function, true);
    return mayCheckpoint() && !ready.isEmpty() && node.budget().limitReached().isEmpty()
        ? policy.training(ready)
        : Optional.empty();
  }

  /** A clone in training has answered. */
  void sampled(Instance clone, long nanos, boolean failed) {
    policy.sampled(new Served(clone.life(), new Phases(0, nanos), failed));
  }

  /** What to do with a clone that has come to the request number of its training. */
  TrainingStep trained(Instance clone) {
    return policy.trained(clone.life(), node.snapshots().views(function, false));
  }

  /** Grows with each thing that the policy is told of callers or snapshots. */
  long news() {
    return news;
  }

  private void changed() {
    news++;
    onChange.run();
  }

  /** Whether instances are to be kept ready at all. */
  boolean wantsReady() {
    return wishedStandby() > 0 || wishedInstances() > 0;
  }

  /**
   * Whether fewer instances are ready than are to be.
   *
   * @param fresh how many are restored and have served nothing
   * @param all how many there are, busy ones included
   */
  boolean wantsMore(int fresh, int all) {
    return fresh < wishedStandby() || all < wishedInstances();
  }

  /** Whether an instance is to be kept however long it is idle; the numbers count it. */
  boolean keeps(Instance instance, int fresh, int all) {
    return (instance.isFresh() && fresh <= wishedStandby()) || all <= wishedInstances();
  }

  private int wishedStandby() {
    return policy.readiness().standby();
  }

  /** None after a silence in which the user wants all idle instances gone. */
  private int wishedInstances() {
    Integer limit = function.settings().idleSeconds();
    boolean silent =
        limit != null && node.clock().millis() - lastArrivalMs > Math.max(1, limit * 1_000L);
    return silent ? 0 : policy.readiness().instances();
  }

  /**
   * How long an instance may be idle, in milliseconds: what the policy plans, but never longer than
   * the user allows.
   */
  long idleMs() {
    Optional<Long> planned = policy.readiness().idle().map(Duration::toMillis);
    Integer limit = function.settings().idleSeconds();
    if (limit == null) {
      return Math.max(1, planned.orElse(FunctionSettings.DEFAULT_IDLE_SECONDS * 1_000L));
    }
    long allowed = Math.max(1, limit * 1_000L);
    return Math.min(allowed, planned.orElse(allowed));
  }

  /**
   * A request arrived.
   *
   * @param others how many other requests run or wait
   */
  void arrived(int others) {
    lastArrivalMs = node.clock().millis();
    policy.arrived(others);
    changed();
  }

  /** An instance can take events. */
  void started(Instance instance) {
    Instance.Origin origin = instance.origin();
    policy.started(
        new Started(
            origin == null ? null : origin.id(),
            instance.readyNanos() - instance.startedNanos(),
            0));
    changed();
  }

  /** An instance has answered; its life counts that request already. */
  void served(Instance instance, ServerTiming timing, boolean failed) {
    policy.served(new Served(instance.life(), phases(timing), failed));
    changed();
  }

  private static Phases phases(ServerTiming timing) {
    double total = timing.of(Phase.TOTAL).orElse(0);
    double handler = Math.min(total, timing.of(Phase.HANDLER).orElse(0));
    return new Phases(Math.round((total - handler) * 1e6), Math.round(handler * 1e6));
  }

  /**
   * A checkpoint worked.
   *
   * @return the snapshots that are to be removed
   */
  List<String> checkpointed(CheckpointTaking.Taken taken) {
    checkpointFailures = 0;
    checkpointFailure = null;
    node.budget().checkpointed();
    policy.checkpointed(
        new Checkpointed(
            taken.manifest().id(),
            taken.request(),
            taken.pause().toNanos(),
            taken.manifest().bytes()));
    changed();
    return policy.prune(node.snapshots().views(function, true));
  }

  /** A checkpoint failed; why, in one line. */
  void checkpointFailed(String why) {
    checkpointFailures++;
    checkpointFailure = why;
  }

  /** An instance is gone. */
  void ended(Instance instance) {
    policy.ended(instance.life());
    changed();
  }
}
