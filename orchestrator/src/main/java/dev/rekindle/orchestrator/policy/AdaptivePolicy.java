package dev.rekindle.orchestrator.policy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rekindle.api.ParameterType;
import dev.rekindle.api.PolicyParameter;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Learns which snapshot saves callers most, and makes another only where it pays. The model is
 * written down in {@code docs/policies.md}. Long, because it holds each of a policy's answers; how
 * they are found is in {@link Agenda} and the estimates.
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
          0.01,
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
  static final PolicyParameter PAYBACK =
      number("paybackHours", 168, 0.01, 1e6, "A snapshot must pay within this time, in hours.");
  static final List<PolicyParameter> PARAMETERS =
      List.of(HORIZON, PAYBACK, SURPRISE, SHARE, BURST, SNAPSHOTS);

  /** Conclusions are drawn at each start at first, then every time lives grew by this share. */
  private static final int EACH_START_UNTIL = 32;

  private static final double REFRESH = 1.02;

  /** The best, and another in case that fails or a longer look pays one day. */
  private static final int SETTLED_SNAPSHOTS = 2;

  static final int FORMAT = 1;
  private static final double NANOS_PER_MS = 1e6;
  private static final double MS_PER_HOUR = 3.6e6;

  private final double horizon;
  private final double surprise;
  private final double share;
  private final double burst;
  private final int maxSnapshots;
  private final double paybackMs;
  private final PolicyContext context;

  private LatencyCurve curve = new LatencyCurve();
  private StartCosts costs = new StartCosts();
  private final LifeLengths lengths = new LifeLengths();
  private final Shift shift = new Shift();
  private final DecisionLog decisions = new DecisionLog();
  private final BitSet continued = new BitSet();
  private final Readiness readiness = new Readiness();
  private final SampleScale sampleScale = new SampleScale();
  private double snapshotBytes;

  private Agenda agenda = Agenda.NONE;
  private List<SnapshotView> seen = List.of(); // what the agenda was drawn up from
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
    paybackMs = parameters.number(PAYBACK.name()) * MS_PER_HOUR;
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
    if (stale || starts >= nextRefresh || !ready.equals(seen)) {
      refresh(ready);
    }
    if (agenda.probe() != null) {
      stale = true;
      return plan(agenda.probe(), StartPlan.NO_CHECKPOINT, "to see what comes after it");
    }
    if (agenda.probesCold()) {
      stale = true;
      return plan(null, StartPlan.NO_CHECKPOINT, "to learn the first requests anew");
    }
    if (mayCheckpoint()) {
      SnapshotView frontier = agenda.exploring() ? furthest(ready) : null;
      if (frontier != null) {
        return plan(frontier, StartPlan.NO_CHECKPOINT, "to look further than before");
      }
      if (agenda.target() != StartPlan.NO_CHECKPOINT) {
        return plan(agenda.base(), agenda.target(), "to make a better snapshot from it");
      }
    }
    return plan(agenda.best(), StartPlan.NO_CHECKPOINT, "costs callers least");
  }

  private StartPlan plan(@Nullable SnapshotView from, long checkpointAt, String reason) {
    String id = from == null ? null : from.id();
    note(Decision.Kind.START, id, from == null ? 0 : from.request(), reason, 0, 0);
    return new StartPlan(id == null ? Start.COLD : new Start.Restore(id), checkpointAt);
  }

  private void note(
      Decision.Kind kind,
      @Nullable String snapshot,
      long request,
      String reason,
      double gainNanos,
      double costNanos) {
    decisions.add(
        new Decision(
            context.clock().instant(),
            kind,
            snapshot,
            request,
            reason,
            gainNanos / NANOS_PER_MS,
            costNanos / NANOS_PER_MS));
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
    seen = ready;
    sampleScale.lend(curve, continued);
    curve.fit();
    costs.keepOnly(ready);
    agenda = new Agenda.Maker(curve, costs, lengths, remaining(), surprise).make(ready);
    stale = starts < EACH_START_UNTIL;
    nextRefresh = starts * REFRESH;
  }

  /** How many more requests a snapshot made now will serve: as many as so far, or within time. */
  private double remaining() {
    GapHistogram gaps = readiness.gaps();
    double perMs = gaps.total() < ReadinessPlanner.LEAST_GAPS ? 0 : gaps.perMilli();
    double expected = Math.max(horizon, requests);
    return perMs > 0 ? Math.min(expected, perMs * paybackMs) : expected;
  }

  private boolean mayCheckpoint() {
    return checkpoints < burst / lengths.mean() + share * starts + 1;
  }

  @Override
  public boolean checkpoint(Life life, List<SnapshotView> snapshots) {
    if (life.cold() && life.served() - life.failures() == 1 && snapshots.isEmpty()) {
      double gain = (costs.boot() - costs.restore()) * remaining() / lengths.mean();
      return granted(life, "the first snapshot", gain, costs.checkpoint());
    }
    return life.request() == life.checkpointAt()
        && !exists(life.request(), snapshots)
        && mayCheckpoint()
        && granted(life, "a better place", agenda.targetGain(), costs.checkpoint());
  }

  /** Asks for the checkpoint, and notes the answer. */
  private boolean granted(Life life, String reason, double gain, double cost) {
    double savedSeconds = gain / 1e9;
    double perHour = savedSeconds / (paybackMs / MS_PER_HOUR);
    boolean granted =
        context.budget().mayCheckpoint(savedSeconds)
            && context.budget().mayHold((long) snapshotBytes, perHour);
    note(
        granted ? Decision.Kind.CHECKPOINT : Decision.Kind.NO_CHECKPOINT,
        life.snapshot(),
        life.request(),
        granted ? reason : reason + ", but the budget is spent on better ones",
        gain,
        cost);
    return granted;
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
    if (life.checkpointAt() > life.request()) {
      return granted(life, "a step on the way", agenda.targetGain(), costs.checkpoint());
    }
    SnapshotView furthest = furthest(snapshots);
    if (furthest != null && life.request() <= furthest.request()) {
      return false;
    }
    if (stale) {
      refresh(ready(snapshots));
    }
    return agenda.exploring()
        && !context.budget().storageIsShort()
        && granted(life, "to look further", agenda.exploringGain(), agenda.exploringCost());
  }

  private static List<SnapshotView> ready(List<SnapshotView> snapshots) {
    return snapshots.stream().filter(SnapshotView::ready).toList();
  }

  @Override
  public Optional<Training> training(List<SnapshotView> ready) {
    if (stale) {
      refresh(ready);
    }
    return mayCheckpoint() ? planner().training(ready) : Optional.empty();
  }

  @Override
  public TrainingStep trained(Life life, List<SnapshotView> snapshots) {
    List<SnapshotView> ready = ready(snapshots);
    refresh(ready);
    TrainingStep step = planner().step(life.request(), ready);
    if (!(step instanceof TrainingStep.Freeze)) {
      return step;
    }
    boolean granted =
        !exists(life.request(), snapshots)
            && mayCheckpoint()
            && granted(
                life,
                "trained off the request path",
                planner().gain(life.request(), ready),
                costs.checkpoint());
    return granted ? step : new TrainingStep.Stop("the budget of checkpoints is spent");
  }

  private TrainingPlanner planner() {
    var maker = new Agenda.Maker(curve, costs, lengths, remaining(), surprise);
    double price = 1 / sampleScale.ratio(curve, continued);
    return new TrainingPlanner(maker, curve, costs, lengths, remaining(), surprise, price);
  }

  @Override
  public void sampled(Served served) {
    if (!served.failed()) {
      sampleScale.sampled(served.life(), (double) served.phases().handlerNanos());
      stale = true;
    }
  }

  @Override
  public List<String> prune(List<SnapshotView> ready) {
    boolean atWork = agenda.exploring() || agenda.target() != StartPlan.NO_CHECKPOINT;
    boolean isShort = context.budget().storageIsShort();
    int settled = isShort ? 1 : SETTLED_SNAPSHOTS;
    int most = atWork && !isShort ? maxSnapshots : settled;
    if (ready.size() <= most) {
      return List.of();
    }
    var maker = new Agenda.Maker(curve, costs, lengths, 0, surprise);
    List<SnapshotView> ranked = new ArrayList<>(ready);
    ranked.sort(Comparator.comparingDouble(maker::life));
    Set<String> kept = new HashSet<>();
    SnapshotView furthest = furthest(ready);
    if (furthest != null && atWork && !isShort) {
      kept.add(furthest.id());
    }
    SnapshotView nearest = nearest(agenda.target(), ready);
    if (nearest != null && !isShort) {
      kept.add(nearest.id()); // a planned one is made from it
    }
    for (SnapshotView each : ranked) {
      if (kept.size() < most) {
        kept.add(each.id());
      }
    }
    stale = true;
    List<SnapshotView> removed = ready.stream().filter(each -> !kept.contains(each.id())).toList();
    for (SnapshotView each : removed) {
      note(Decision.Kind.PRUNE, each.id(), each.request(), "costs callers more than others", 0, 0);
    }
    return removed.stream().map(SnapshotView::id).toList();
  }

  /** The snapshot with most requests behind it that has not passed that number. */
  private static @Nullable SnapshotView nearest(long target, List<SnapshotView> ready) {
    SnapshotView found = null;
    for (SnapshotView each : ready) {
      if (each.request() <= target && (found == null || each.request() > found.request())) {
        found = each;
      }
    }
    return found;
  }

  @Override
  public ReadinessWish readiness() {
    Budget budget = context.budget();
    double bytes = budget.instanceBytes().orElse(snapshotBytes);
    double price = bytes * budget.nanosPerByteSecond() / 1e3; // for a millisecond, not a second
    return readiness.wish(context.clock().millis(), usualStart(), price);
  }

  private double usualStart() {
    if (agenda.best() != null) {
      return costs.restore(agenda.best().id());
    }
    return snapshotBytes > 0 ? costs.restore() : costs.boot();
  }

  @Override
  public void arrived(int others) {
    readiness.arrived(context.clock().millis(), others);
  }

  @Override
  public void started(Started started) {
    costs.started(started.snapshot(), (double) started.nanos());
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
    sampleScale.served(request, curve);
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
    note(Decision.Kind.RELEARN, null, 0, "latencies are no longer what they were", 0, 0);
    curve.clear();
    continued.clear();
    sampleScale.clear();
    shift.clear();
    requests = 0;
    starts = 0;
    checkpoints = 0;
    stale = true;
  }

  @Override
  public void checkpointed(Checkpointed checkpointed) {
    checkpoints++;
    snapshotBytes = checkpointed.bytes();
    costs.checkpointed((double) checkpointed.pauseNanos());
    stale = true;
  }

  @Override
  public void ended(Life life) {
    lengths.ended(life.served());
  }

  @Override
  public Beliefs beliefs(List<SnapshotView> ready) {
    refresh(ready);
    var maker = new Agenda.Maker(curve, costs, lengths, remaining(), surprise);
    List<Beliefs.Candidate> pool = new ArrayList<>();
    pool.add(candidate(maker, null));
    ready.forEach(each -> pool.add(candidate(maker, each)));
    pool.sort(Comparator.comparingDouble(Beliefs.Candidate::scoreMs));
    Map<String, Double> numbers = new TreeMap<>();
    numbers.put("bootMs", costs.boot() / NANOS_PER_MS);
    numbers.put("restoreMs", costs.restore() / NANOS_PER_MS);
    numbers.put("checkpointMs", costs.checkpoint() / NANOS_PER_MS);
    numbers.put("requestsPerLife", lengths.mean());
    numbers.put("remainingRequests", remaining());
    numbers.put("noiseShare", curve.noise());
    numbers.put("textureShare", curve.texture());
    numbers.put("exploringGainMs", agenda.exploringGain() / NANOS_PER_MS);
    numbers.put("exploringCostMs", agenda.exploringCost() / NANOS_PER_MS);
    numbers.put("nextSnapshotAt", (double) agenda.target());
    numbers.put("nextSnapshotGainMs", agenda.targetGain() / NANOS_PER_MS);
    return new Beliefs(curve.points(), pool, decisions.list(), numbers);
  }

  private Beliefs.Candidate candidate(Agenda.Maker maker, @Nullable SnapshotView from) {
    double score = maker.life(from) / lengths.mean() / NANOS_PER_MS;
    return from == null
        ? new Beliefs.Candidate(null, 0, score, costs.boots())
        : new Beliefs.Candidate(from.id(), from.request(), score, costs.lives(from.id()));
  }

  @Override
  public PolicyState state() {
    ObjectNode content = JsonNodeFactory.instance.objectNode();
    content.put("requests", requests).put("starts", starts).put("checkpoints", checkpoints);
    content.put("snapshotBytes", snapshotBytes);
    content.set("curve", curve.write());
    content.set("costs", costs.write());
    content.set("lives", StateJson.write(lengths.recent()));
    content.set("gaps", StateJson.write(readiness.gaps().counts()));
    content.set("continued", StateJson.write(continued.toLongArray()));
    return new PolicyState(NAME, FORMAT, content);
  }

  @Override
  public void restore(PolicyState state) {
    state.check(NAME, FORMAT);
    // All is read before anything is taken over: a damaged state leaves this policy as it was.
    StateJson json = new StateJson(state.content());
    double readRequests = json.number("requests");
    double readStarts = json.number("starts");
    double readCheckpoints = json.number("checkpoints");
    double readBytes = json.number("snapshotBytes");
    long[] readLives = json.wholes("lives");
    double[] readGaps = json.numbers("gaps", GapHistogram.BINS);
    long[] readContinued = json.bits("continued");
    LatencyCurve readCurve = LatencyCurve.read(json.object("curve"));
    StartCosts readCosts = StartCosts.read(json.object("costs"));
    requests = readRequests;
    starts = readStarts;
    checkpoints = readCheckpoints;
    snapshotBytes = readBytes;
    for (long life : readLives) {
      lengths.ended(life);
    }
    readiness.gaps().restore(readGaps);
    continued.clear();
    continued.or(BitSet.valueOf(readContinued));
    curve = readCurve;
    costs = readCosts;
    stale = true;
  }
}
