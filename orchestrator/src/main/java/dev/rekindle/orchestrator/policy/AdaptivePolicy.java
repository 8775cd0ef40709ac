package dev.rekindle.orchestrator.policy;

import dev.rekindle.api.ParameterType;
import dev.rekindle.api.PolicyParameter;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Learns which snapshot saves callers most, and makes another only where it pays. The model is
 * written down in {@code docs/policies.md}.
 */
final class AdaptivePolicy implements Policy {
  static final String NAME = "adaptive";
  static final String DESCRIPTION =
      "Learns latency by request number and what starts and checkpoints cost, starts from the"
          + " snapshot that costs callers least, and makes another one only where that pays.";

  static final PolicyParameter HORIZON =
      number("horizonRequests", 5000, 1, 1e12, "A new function is expected to serve so many.");
  static final PolicyParameter SURPRISE =
      number(
          "surprise",
          0.05,
          0,
          1,
          "The chance that latency unexpectedly halves within half as many requests again.");
  static final PolicyParameter SHARE =
      number(
          "checkpointShare", 0.08, 0, 1, "Checkpoints for each start, at most, in the long run.");
  static final PolicyParameter BURST =
      number("burstRequests", 400, 0, 1e6, "How far it may look at once, in requests, at first.");
  static final PolicyParameter SNAPSHOTS =
      number("maxSnapshots", 10, 2, 1000, "How many snapshots are kept.");
  static final List<PolicyParameter> PARAMETERS =
      List.of(HORIZON, SURPRISE, SHARE, BURST, SNAPSHOTS);

  /** Conclusions are drawn at each start at first, then every time lives grew by this share. */
  private static final int EACH_START_UNTIL = 32;

  private static final double REFRESH = 1.02;

  private final double horizon;
  private final double surprise;
  private final double share;
  private final double burst;
  private final int maxSnapshots;
  private final PolicyContext context;

  private final LatencyCurve curve = new LatencyCurve();
  private final StartCosts costs = new StartCosts();
  private final LifeLengths lengths = new LifeLengths();
  private final Shift shift = new Shift();
  private final DecisionLog decisions = new DecisionLog();
  private final BitSet continued = new BitSet();

  private Agenda agenda = Agenda.NONE;
  private boolean stale = true;
  private double nextRefresh;
  private double requests;
  private double starts;
  private double checkpoints;

  AdaptivePolicy(Parameters parameters, PolicyContext context) {
    this.context = context;
    horizon = parameters.number(HORIZON.name());
    surprise = parameters.number(SURPRISE.name());
    share = parameters.number(SHARE.name());
    burst = parameters.number(BURST.name());
    maxSnapshots = parameters.wholeNumber(SNAPSHOTS.name());
  }

  private static PolicyParameter number(
      String name, double value, double minimum, double maximum, String description) {
    Object plain = value == Math.rint(value) ? (Object) (long) value : (Object) value;
    return new PolicyParameter(name, ParameterType.NUMBER, plain, minimum, maximum, description);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public StartPlan start(List<SnapshotView> ready) {
    starts++;
    if (stale || starts >= nextRefresh) {
      refresh(ready);
    }
    if (agenda.probe() != null) {
      stale = true;
      return plan(agenda.probe(), StartPlan.NO_CHECKPOINT);
    }
    if (mayCheckpoint()) {
      if (agenda.exploring()) {
        SnapshotView frontier = furthest(ready);
        if (frontier != null) {
          return plan(frontier, StartPlan.NO_CHECKPOINT);
        }
      }
      if (agenda.target() != StartPlan.NO_CHECKPOINT) {
        return plan(agenda.base(), agenda.target());
      }
    }
    return plan(agenda.best(), StartPlan.NO_CHECKPOINT);
  }

  private static StartPlan plan(@Nullable SnapshotView from, long checkpointAt) {
    return new StartPlan(
        from == null ? Start.COLD : new Start.Restore(from.id()), checkpointAt);
  }

  private static @Nullable SnapshotView furthest(List<SnapshotView> ready) {
    SnapshotView found = null;
    for (SnapshotView each : ready) {
      if (found == null || each.request() > found.request()) {
        found = each;
      }
    }
    return found;
  }

  private void refresh(List<SnapshotView> ready) {
    curve.fit();
    costs.keepOnly(ready);
    double remaining = Math.max(horizon, requests);
    agenda = new Agenda.Maker(curve, costs, lengths, remaining, surprise).make(ready);
    stale = starts < EACH_START_UNTIL;
    nextRefresh = starts * REFRESH;
  }

  private boolean mayCheckpoint() {
    return checkpoints < burst / lengths.mean() + share * starts + 1;
  }

  @Override
  public boolean checkpoint(Life life, List<SnapshotView> snapshots) {
    if (life.cold() && life.served() - life.failures() == 1 && snapshots.isEmpty()) {
      return true;
    }
    return life.request() == life.checkpointAt()
        && !exists(life.request(), snapshots)
        && mayCheckpoint();
  }

  private static boolean exists(long request, List<SnapshotView> snapshots) {
    for (SnapshotView each : snapshots) {
      if (each.request() == request) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean checkpointAtEviction(Life life, List<SnapshotView> snapshots) {
    if (life.served() == 0 || !mayCheckpoint() || exists(life.request(), snapshots)) {
      return false;
    }
    boolean onTheWay = life.checkpointAt() > life.request();
    if (onTheWay) {
      return true;
    }
    SnapshotView furthest = furthest(snapshots);
    if (furthest != null && life.request() <= furthest.request()) {
      return false;
    }
    if (stale) {
      refresh(snapshots);
    }
    return agenda.exploring();
  }

  @Override
  public List<String> prune(List<SnapshotView> ready) {
    if (ready.size() <= maxSnapshots) {
      return List.of();
    }
    var maker = new Agenda.Maker(curve, costs, lengths, 0, surprise);
    List<SnapshotView> ranked = new ArrayList<>(ready);
    ranked.sort(Comparator.comparingDouble(maker::life));
    Set<String> kept = new HashSet<>();
    SnapshotView furthest = furthest(ready);
    if (furthest != null) {
      kept.add(furthest.id());
    }
    if (agenda.target() != StartPlan.NO_CHECKPOINT) {
      keepWayTo(agenda.target(), ready, kept);
    }
    for (SnapshotView each : ranked) {
      if (kept.size() < maxSnapshots) {
        kept.add(each.id());
      }
    }
    stale = true;
    return ready.stream().map(SnapshotView::id).filter(id -> !kept.contains(id)).toList();
  }

  /** Keeps the snapshot from which a planned one is nearest. */
  private static void keepWayTo(long target, List<SnapshotView> ready, Set<String> kept) {
    SnapshotView nearest = null;
    for (SnapshotView each : ready) {
      if (each.request() <= target
          && (nearest == null || each.request() > nearest.request())) {
        nearest = each;
      }
    }
    if (nearest != null) {
      kept.add(nearest.id());
    }
  }

  @Override
  public void started(Started started) {
    costs.started(started.snapshot(), started.nanos());
  }

  @Override
  public void served(Served served) {
    requests++;
    Life life = served.life();
    lengths.reached(life.served());
    if (served.failed()) {
      return;
    }
    double nanos = served.phases().handlerNanos();
    long request = life.request();
    int bin = RequestBins.of(request);
    if (life.snapshot() != null && life.served() == 1) {
      if (continued.get(bin)) {
        costs.surcharge(life.snapshot(), nanos - curve.seen(request));
        return;
      }
    } else {
      continued.set(bin);
    }
    if (curve.samples(request) >= 2 && shift.sees(nanos, curve.seen(request))) {
      relearn();
    }
    curve.add(request, nanos);
  }

  private void relearn() {
    decisions.add(
        new Decision(
            context.clock().instant(),
            Decision.Kind.RELEARN,
            null,
            0,
            "latencies are no longer what they were",
            0,
            0));
    curve.clear();
    continued.clear();
    shift.clear();
    requests = 0;
    starts = 0;
    checkpoints = 0;
    stale = true;
  }

  @Override
  public void checkpointed(Checkpointed checkpointed) {
    checkpoints++;
    costs.checkpointed(checkpointed.pauseNanos());
    stale = true;
  }

  @Override
  public void ended(Life life) {
    lengths.ended(life.served());
  }
}
