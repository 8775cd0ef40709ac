package dev.rekindle.orchestrator.policy;

import dev.rekindle.api.EventType;
import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.Phase;
import dev.rekindle.api.PolicyBeliefs;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.ReadyWish;
import dev.rekindle.api.ServerTiming;
import dev.rekindle.api.ShadowBeliefs;
import dev.rekindle.api.StartKind;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.instance.CheckpointRun;
import dev.rekindle.orchestrator.instance.Instance;
import dev.rekindle.orchestrator.instance.InvocationOutcome;
import dev.rekindle.orchestrator.node.EventLog;
import dev.rekindle.orchestrator.policy.model.Checkpointed;
import dev.rekindle.orchestrator.policy.model.Phases;
import dev.rekindle.orchestrator.policy.model.Policy;
import dev.rekindle.orchestrator.policy.model.PolicyState;
import dev.rekindle.orchestrator.policy.model.PolicyStateException;
import dev.rekindle.orchestrator.policy.model.ReadinessWish;
import dev.rekindle.orchestrator.policy.model.Served;
import dev.rekindle.orchestrator.policy.model.SharedBudget;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import dev.rekindle.orchestrator.policy.model.Started;
import dev.rekindle.orchestrator.policy.model.Training;
import dev.rekindle.orchestrator.policy.model.TrainingStep;
import dev.rekindle.orchestrator.policy.shadow.Shadow;
import dev.rekindle.orchestrator.snapshot.SnapshotCatalog;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Speaks for the policies of one version of a function, the one in force and the one in its shadow:
 * whoever runs its instances asks here, and tells here what happened. The shadow hears the same;
 * its answers go nowhere. Lives on the service's event loop.
 */
public final class FunctionPolicy {
  /** After so many failed checkpoints of a version it goes on without snapshots. */
  private static final int MAX_CHECKPOINT_FAILURES = 3;

  private final Parts parts;
  private DeployedFunction function;
  private Policy policy;
  private @Nullable Shadow shadow;
  private int checkpointFailures;
  private @Nullable String checkpointFailure;
  private boolean refused;
  private long lastArrivalMs;
  private Runnable onChange = () -> {};
  private long news;

  /**
   * What the policies of all functions share.
   *
   * @param catalog what is known of each snapshot
   * @param budget what all functions together may spend
   * @param events what happened
   * @param clock the wall clock
   */
  public record Parts(
      SnapshotCatalog catalog, SharedBudget budget, EventLog events, InstantSource clock) {}

  /** The policies of a version that have decided nothing yet. */
  public FunctionPolicy(Parts parts, DeployedFunction function, ChosenPolicies chosen) {
    this.parts = parts;
    this.function = function;
    this.policy = chosen.inForce();
    this.shadow = chosen.shadow();
  }

  /** The version it speaks for. */
  public DeployedFunction function() {
    return function;
  }

  /** Calls back when there is something new to keep. */
  void onChange(Runnable listener) {
    onChange = listener;
  }

  /**
   * Puts other policies in force and in the shadow; checkpoints may be tried again. The same policy
   * in the same place keeps what it has learnt, also with other parameters; another one begins with
   * nothing.
   */
  public void choose(DeployedFunction changed, ChosenPolicies chosen) {
    PolicyChoice before = function.settings().policy();
    PolicyChoice after = changed.settings().policy();
    function = changed;
    checkpointFailures = 0;
    if (!after.equals(before)) {
      KeptPolicy known = kept();
      shadow = chosen.shadow();
      if (after.withShadow(null).equals(before.withShadow(null))) {
        learnShadow(known); // what is in force does not notice
      } else {
        policy = chosen.inForce();
        learnSame(known);
      }
    }
    changed();
  }

  /** Goes on with what an earlier version's policy learnt, if that ran the same code. */
  public void follow(FunctionPolicy earlier) {
    if (function.identity().equals(earlier.function.identity())) {
      learnSame(earlier.kept());
    }
  }

  private void learnSame(KeptPolicy known) {
    if (policy.name().equals(known.inForce().policy())) {
      learn(policy::restore, known.inForce());
    }
    learnShadow(known);
  }

  private void learnShadow(KeptPolicy known) {
    if (shadow != null && known.shadow() != null && shadow.name().equals(known.shadow().policy())) {
      learn(shadow::restore, known.shadow());
    }
  }

  /** Goes on with what was kept. */
  public void restore(KeptPolicy kept) {
    learn(policy::restore, kept.inForce());
    if (shadow != null && kept.shadow() != null) {
      learn(shadow::restore, kept.shadow());
    }
  }

  private void learn(Consumer<PolicyState> student, PolicyState state) {
    try {
      student.accept(state);
    } catch (PolicyStateException e) {
      PolicyStates.notUsed(function.name(), String.valueOf(e.getMessage()));
    }
  }

  /** What is to be kept. */
  KeptPolicy kept() {
    return new KeptPolicy(
        function.identity(), policy.state(), shadow == null ? null : shadow.state());
  }

  /** What the policies hold to be true. */
  public PolicyBeliefs beliefs() {
    ShadowBeliefs beside = null;
    if (shadow != null) {
      PolicyBeliefs beliefs =
          BeliefsReply.of(shadow.name(), shadow.beliefs(), wish(shadow.readiness()), null);
      beside = new ShadowBeliefs(beliefs, shadow.gain());
    }
    return BeliefsReply.of(
        policy.name(),
        policy.beliefs(parts.catalog().views(function, true)),
        wish(policy.readiness()),
        beside);
  }

  private ReadyWish wish(ReadinessWish wish) {
    return new ReadyWish(wish.standby(), wish.instances(), idleMs(wish));
  }

  /** Why the latest checkpoint failed, or null if it did not. */
  public @Nullable String checkpointFailure() {
    return checkpointFailure;
  }

  /** What a new instance is to be started from. */
  public StartPlan start() {
    return policy.start(parts.catalog().views(function, true));
  }

  /** Whether to freeze an instance that has just booted or just answered. */
  public boolean wantsCheckpoint(Instance instance) {
    boolean wanted =
        mayCheckpoint()
            && policy.checkpoint(instance.life(), parts.catalog().views(function, false))
            && granted(instance);
    if (shadow != null && mayCheckpoint()) {
      shadow.idle(instance.id(), wanted);
    }
    return wanted;
  }

  /** Whether to freeze an idle instance that is about to be evicted; not if it served nothing. */
  public boolean wantsCheckpointAtEviction(Instance instance) {
    if (instance.served() == 0 || !mayCheckpoint()) {
      return false;
    }
    boolean wanted =
        policy.checkpointAtEviction(instance.life(), parts.catalog().views(function, false))
            && granted(instance);
    if (shadow != null) {
      shadow.evicting(instance.id(), wanted);
    }
    return wanted;
  }

  /** The node's limits hold for all policies, also for those that do not ask for them. */
  private boolean granted(Instance instance) {
    Optional<String> refusal = parts.budget().refusal();
    if (refusal.isPresent() && !refused) { // one event for a row of refusals
      parts
          .events()
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
  public Optional<Training> training() {
    List<SnapshotView> ready = parts.catalog().views(function, true);
    return mayCheckpoint() && !ready.isEmpty() && parts.budget().limitReached().isEmpty()
        ? policy.training(ready)
        : Optional.empty();
  }

  /** A clone in training has answered. */
  public void sampled(Instance clone, long nanos, boolean failed) {
    policy.sampled(new Served(clone.life(), new Phases(0, nanos), failed));
  }

  /** What to do with a clone that has come to the request number of its training. */
  public TrainingStep trained(Instance clone) {
    return policy.trained(clone.life(), parts.catalog().views(function, false));
  }

  /** Grows with each thing that the policy is told of callers or snapshots. */
  public long news() {
    return news;
  }

  private void changed() {
    news++;
    onChange.run();
  }

  /** Whether instances are to be kept ready at all. */
  public boolean wantsReady() {
    return wishedStandby() > 0 || wishedInstances() > 0;
  }

  /**
   * Whether fewer instances are ready than are to be.
   *
   * @param fresh how many are restored and have served nothing
   * @param all how many there are, busy ones included
   */
  public boolean wantsMore(int fresh, int all) {
    return fresh < wishedStandby() || all < wishedInstances();
  }

  /** Whether an instance is to be kept however long it is idle; the numbers count it. */
  public boolean keeps(Instance instance, int fresh, int all) {
    return (instance.isFresh() && fresh <= wishedStandby()) || all <= wishedInstances();
  }

  private int wishedStandby() {
    return policy.readiness().standby();
  }

  /** None after a silence in which the user wants all idle instances gone. */
  private int wishedInstances() {
    Integer limit = function.settings().idleSeconds();
    boolean silent =
        limit != null && parts.clock().millis() - lastArrivalMs > Math.max(1, limit * 1_000L);
    return silent ? 0 : policy.readiness().instances();
  }

  /** How long an instance may be idle, in milliseconds. */
  public long idleMs() {
    return idleMs(policy.readiness());
  }

  /** What the policy plans, but never longer than the user allows. */
  private long idleMs(ReadinessWish wish) {
    Optional<Long> planned = wish.idle().map(Duration::toMillis);
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
  public void arrived(int others) {
    lastArrivalMs = parts.clock().millis();
    policy.arrived(others);
    if (shadow != null) {
      shadow.arrived(others);
    }
    changed();
  }

  /** An instance can take events. */
  public void started(Instance instance) {
    Instance.Origin origin = instance.origin();
    Started started =
        new Started(
            origin == null ? null : origin.id(),
            instance.readyNanos() - instance.startedNanos(),
            0);
    policy.started(started);
    if (shadow != null) {
      shadow.started(instance.id(), started, mayCheckpoint());
    }
    changed();
  }

  /** An instance has answered; its life counts that request already. */
  public void served(Instance instance, InvocationOutcome outcome, boolean failed) {
    Served served = new Served(instance.life(), phases(outcome.timing()), failed);
    policy.served(served);
    if (shadow != null && !instance.isClosed()) {
      boolean waited = outcome.start() == StartKind.COLD || outcome.start() == StartKind.RESTORED;
      shadow.served(instance.id(), served, waited);
    }
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
  public List<String> checkpointed(Instance instance, CheckpointRun.Taken taken) {
    checkpointFailures = 0;
    checkpointFailure = null;
    parts.budget().checkpointed();
    Checkpointed checkpointed =
        new Checkpointed(
            taken.manifest().id(),
            taken.request(),
            taken.work().toNanos(),
            taken.manifest().bytes());
    policy.checkpointed(checkpointed);
    if (shadow != null) {
      shadow.checkpointed(instance.id(), checkpointed);
    }
    changed();
    return policy.prune(parts.catalog().views(function, true));
  }

  /** A checkpoint failed; why, in one line. */
  public void checkpointFailed(Instance instance, String why) {
    if (shadow != null) {
      shadow.checkpointFailed(instance.id());
    }
    checkpointFailures++;
    checkpointFailure = why;
  }

  /** An instance is gone. */
  public void ended(Instance instance) {
    policy.ended(instance.life());
    if (shadow != null) {
      shadow.ended(instance.id());
    }
    changed();
  }
}
