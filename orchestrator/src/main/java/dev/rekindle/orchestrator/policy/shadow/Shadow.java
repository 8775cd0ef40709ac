package dev.rekindle.orchestrator.policy.shadow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rekindle.api.ShadowGain;
import dev.rekindle.orchestrator.policy.model.Beliefs;
import dev.rekindle.orchestrator.policy.model.Checkpointed;
import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.Phases;
import dev.rekindle.orchestrator.policy.model.Policy;
import dev.rekindle.orchestrator.policy.model.PolicyState;
import dev.rekindle.orchestrator.policy.model.PolicyStateException;
import dev.rekindle.orchestrator.policy.model.ReadinessWish;
import dev.rekindle.orchestrator.policy.model.Served;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.Start;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import dev.rekindle.orchestrator.policy.model.Started;
import dev.rekindle.orchestrator.policy.model.StateJson;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs a policy in the shadow of the one in force: it sees the same requests and its decisions are
 * noted, but never carried out. Its snapshots do not exist. Each real start has a life of the
 * shadow's beside it, from what the shadow would have started from, which then serves the same
 * requests; what they would have taken there follows from what they took and from the latency curve
 * that really was seen. The model and its limits are in {@code docs/policies.md}.
 */
public final class Shadow {
  private static final int FORMAT = 1;

  /** A ratio of two estimates beyond this is an accident of few samples. */
  private static final double GREATEST_RATIO = 1_000;

  /** Checkpoints in flight at one time, and to spare. */
  private static final int MOST_FROZEN = 64;

  private final Policy policy;
  private final InstantSource clock;
  private final String pair;
  private final Map<String, Beside> lives = new HashMap<>();
  private final Map<String, Long> frozenTogether = new LinkedHashMap<>();
  private VirtualSnapshots snapshots = new VirtualSnapshots();
  private Measured measured = new Measured();
  private Comparison comparison;

  /** A life of the shadow's beside a real one. */
  private static final class Beside {
    final @Nullable String snapshot;
    final long from;
    final long checkpointAt;
    long served;
    long failures;

    Beside(@Nullable String snapshot, long from, long checkpointAt) {
      this.snapshot = snapshot;
      this.from = from;
      this.checkpointAt = checkpointAt;
    }

    Life life() {
      return new Life(snapshot, from + served, served, failures, checkpointAt);
    }
  }

  /**
   * Begins with nothing.
   *
   * @param policy decides; its budget must be its own, or it would spend what others need
   * @param clock tells the time
   * @param pair names both policies with their parameters: a comparison of other ones that was kept
   *     is not continued
   */
  public Shadow(Policy policy, InstantSource clock, String pair) {
    this.policy = policy;
    this.clock = clock;
    this.pair = pair;
    this.comparison = new Comparison(clock.instant());
  }

  /** The name of the policy that decides here. */
  public String name() {
    return policy.name();
  }

  /**
   * A request arrived.
   *
   * @param others how many other requests run or wait
   */
  public void arrived(int others) {
    policy.arrived(others);
  }

  /**
   * An instance was started.
   *
   * @param mayCheckpoint whether this function can be frozen at all, as far as is known
   */
  public void started(String instance, Started started, boolean mayCheckpoint) {
    measured.started(started);
    snapshots.remove(policy.prune(snapshots.views()));
    StartPlan plan = policy.start(snapshots.views());
    SnapshotView from =
        plan.start() instanceof Start.Restore restore ? snapshots.find(restore.snapshotId()) : null;
    Beside beside =
        from == null
            ? new Beside(null, 0, plan.checkpointAt())
            : new Beside(from.id(), from.request(), plan.checkpointAt());
    lives.put(instance, beside);
    boolean alike = (from == null) == (started.snapshot() == null);
    double nanos =
        alike ? (double) started.nanos() : from == null ? measured.boot() : measured.restore();
    policy.started(new Started(beside.snapshot, Math.round(nanos), 0));
    if (from == null && mayCheckpoint) {
      freezeIf(policy.checkpoint(beside.life(), snapshots.views()), beside, instance, false);
    }
  }

  /**
   * A request was answered.
   *
   * @param waited whether its caller waited for the start of its instance
   */
  public void served(String instance, Served served, boolean waited) {
    Life real = served.life();
    Beside beside = lives.computeIfAbsent(instance, unused -> adopted(real));
    beside.served++;
    beside.failures += served.failed() ? 1 : 0;
    Life life = beside.life();
    long nanos = served.phases().handlerNanos();
    if (!served.failed()) {
      nanos = beside(served, life);
      if (measured.shifts(served)) {
        comparison.settle(measured);
        measured.relearn();
      }
      measured.served(served);
      comparison.request(real.request(), life.request());
    }
    boolean wouldWait = life.served() == 1 && (waited || !startsAhead());
    if (real.served() == 1) {
      if (waited) {
        comparison.startInForce(real.cold());
      }
      if (wouldWait) {
        comparison.startShadow(life.cold());
      }
    }
    double start = !wouldWait ? 0 : life.cold() ? measured.boot() : measured.restore();
    policy.served(new Served(life, new Phases(Math.round(start), nanos), served.failed()));
  }

  /** Whether it would have had an instance ready where the policy in force had one. */
  private boolean startsAhead() {
    return policy.readiness().standby() > 0 || policy.readiness().instances() > 0;
  }

  /** An instance that was there before: both serve on with it. */
  private static Beside adopted(Life real) {
    Beside beside =
        new Beside(real.snapshot(), real.request() - real.served(), StartPlan.NO_CHECKPOINT);
    beside.served = real.served() - 1;
    return beside;
  }

  /** What the request would have taken in the life beside: its own chance, that one's place. */
  private long beside(Served served, Life life) {
    double nanos = (double) served.phases().handlerNanos();
    Life real = served.life();
    double extra = measured.surcharge();
    double plain = Measured.first(real) ? Math.max(nanos / 2, nanos - extra) : nanos;
    if (real.request() != life.request()) {
      double here = measured.curve().at(real.request());
      double there = measured.curve().at(life.request());
      double ratio = here > 0 && there > 0 ? there / here : 1;
      plain *= Math.max(1 / GREATEST_RATIO, Math.min(GREATEST_RATIO, ratio));
    } else if (Measured.first(real) == Measured.first(life)) {
      return served.phases().handlerNanos();
    }
    return Math.round(plain + (Measured.first(life) ? extra : 0));
  }

  /**
   * An instance is idle and might be frozen. One that has served nothing yet was asked about when
   * it was started.
   *
   * @param freezes whether the policy in force does
   */
  public void idle(String instance, boolean freezes) {
    Beside beside = lives.get(instance);
    freezeIf(
        beside != null && beside.served > 0 && policy.checkpoint(beside.life(), snapshots.views()),
        beside,
        instance,
        freezes);
  }

  /**
   * An instance is about to be evicted and might be frozen first.
   *
   * @param freezes whether the policy in force does
   */
  public void evicting(String instance, boolean freezes) {
    Beside beside = lives.get(instance);
    freezeIf(
        beside != null && policy.checkpointAtEviction(beside.life(), snapshots.views()),
        beside,
        instance,
        freezes);
  }

  private void freezeIf(
      boolean wanted, @Nullable Beside beside, String instance, boolean inForceFreezes) {
    if (inForceFreezes) {
      comparison.checkpointInForce();
    }
    if (wanted && beside != null) {
      comparison.checkpointShadow();
      long request = beside.life().request();
      if (inForceFreezes) {
        frozenTogether.put(instance, request); // it is known soon what that took
        if (frozenTogether.size() > MOST_FROZEN) { // some were deleted before that was told
          frozenTogether.remove(frozenTogether.keySet().iterator().next());
        }
      } else {
        froze(request, Math.round(measured.checkpoint()), measured.bytes());
      }
    }
  }

  private void froze(long request, long workNanos, long bytes) {
    SnapshotView made = snapshots.make(request, clock.instant(), bytes);
    policy.checkpointed(new Checkpointed(made.id(), request, workNanos, bytes));
    snapshots.remove(policy.prune(snapshots.views()));
  }

  /** An instance was frozen: now it is known what that costs. */
  public void checkpointed(String instance, Checkpointed checkpointed) {
    measured.checkpointed(checkpointed);
    Long request = frozenTogether.remove(instance);
    if (request != null) {
      froze(request, checkpointed.workNanos(), checkpointed.bytes());
    }
  }

  /** An instance could not be frozen; the shadow could not have frozen it either. */
  public void checkpointFailed(String instance) {
    frozenTogether.remove(instance);
  }

  /** An instance is gone. */
  public void ended(String instance) {
    Beside beside = lives.remove(instance);
    if (beside != null) {
      policy.ended(beside.life());
    }
  }

  /** What it holds to be true; its snapshots do not exist. */
  public Beliefs beliefs() {
    return policy.beliefs(snapshots.views());
  }

  /** What it would keep ready. */
  public ReadinessWish readiness() {
    return policy.readiness();
  }

  /** What it would have saved. */
  public ShadowGain gain() {
    return comparison.gain(measured);
  }

  /** What is to be kept across restarts. */
  public PolicyState state() {
    ObjectNode content = JsonNodeFactory.instance.objectNode();
    PolicyState learnt = policy.state();
    content.put("pair", pair).put("policyFormat", learnt.format());
    content.set("policy", learnt.content());
    content.set("measured", measured.write());
    content.set("comparison", comparison.write());
    content.set("snapshots", snapshots.write());
    return new PolicyState(policy.name(), FORMAT, content);
  }

  /**
   * Takes over what was kept. With other parameters on either side the comparison begins anew.
   *
   * @throws PolicyStateException if it is damaged, of another policy or another format
   */
  public void restore(PolicyState state) {
    state.check(policy.name(), FORMAT);
    JsonNode content = state.content();
    StateJson json = new StateJson(content);
    Measured readMeasured = Measured.read(json.object("measured"));
    Comparison readComparison = Comparison.read(json.object("comparison"));
    VirtualSnapshots readSnapshots = VirtualSnapshots.read(json.object("snapshots"));
    policy.restore(
        new PolicyState(
            policy.name(), content.path("policyFormat").asInt(), content.path("policy")));
    measured = readMeasured;
    snapshots = readSnapshots;
    if (content.path("pair").asText().equals(pair)) {
      comparison = readComparison;
    }
  }
}
