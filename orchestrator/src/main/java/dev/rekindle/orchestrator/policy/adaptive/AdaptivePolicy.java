package dev.rekindle.orchestrator.policy.adaptive;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rekindle.orchestrator.policy.estimate.LatencyCurve;
import dev.rekindle.orchestrator.policy.estimate.LifeLengths;
import dev.rekindle.orchestrator.policy.estimate.StartCosts;
import dev.rekindle.orchestrator.policy.model.Beliefs;
import dev.rekindle.orchestrator.policy.model.Budget;
import dev.rekindle.orchestrator.policy.model.Checkpointed;
import dev.rekindle.orchestrator.policy.model.Decision;
import dev.rekindle.orchestrator.policy.model.DecisionLog;
import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.Parameters;
import dev.rekindle.orchestrator.policy.model.Policy;
import dev.rekindle.orchestrator.policy.model.PolicyContext;
import dev.rekindle.orchestrator.policy.model.PolicyState;
import dev.rekindle.orchestrator.policy.model.Progress;
import dev.rekindle.orchestrator.policy.model.ReadinessWish;
import dev.rekindle.orchestrator.policy.model.RequestBins;
import dev.rekindle.orchestrator.policy.model.Served;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.Start;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import dev.rekindle.orchestrator.policy.model.Started;
import dev.rekindle.orchestrator.policy.model.StateJson;
import dev.rekindle.orchestrator.policy.model.Training;
import dev.rekindle.orchestrator.policy.model.TrainingStep;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Learns which snapshot saves callers most, and makes another only where it pays. The model is
 * written down in {@code docs/policies.md}. Long, because it holds each of a policy's answers; how
 * they are found is in {@link Agenda} and the estimates.
 */
public final class AdaptivePolicy implements Policy {
  /** The policy's name. */
  public static final String NAME = "adaptive";

  /** What the policy does, in a sentence. */
  public static final String DESCRIPTION =
      "Learns latency by request number and what starts and checkpoints cost, starts from the"
          + " snapshot that costs callers least, and makes another one only where that pays.";

  /** Conclusions are drawn at each start at first, then every time lives grew by this share. */
  private static final int EACH_START_UNTIL = 32;

  private static final double REFRESH = 1.02;

  private static final int RESUMING = 40;

  /** Variance of the drift's logarithm that each of them adds. */
  private static final double RESUMED = 0.05;

  static final int FORMAT = 1;
  private static final double NANOS_PER_MS = 1e6;

  private final AdaptiveSettings settings;
  private final PolicyContext context;

  private LatencyCurve curve = new LatencyCurve();
  private StartCosts costs = new StartCosts();
  private final LifeLengths lengths = new LifeLengths();
  private final LastingShift shift = new LastingShift();
  private final DecisionLog decisions = new DecisionLog();
  private final BitSet continued = new BitSet();
  private final Readiness readiness = new Readiness();
  private final SampleScale sampleScale = new SampleScale();
  private final Anchor anchor = new Anchor();
  private final Builds builds = new Builds();
  private @Nullable String lastBuilt;

  /** So many requests after a restart tell how fast things are now beside what was kept. */
  private int resuming;

  private double snapshotBytes;

  private Agenda agenda = Agenda.NONE;
  private List<SnapshotView> seen = List.of(); // what the agenda was drawn up from
  private boolean stale = true;
  private double nextRefresh;
  private double requests;
  private double triedAt = -1; // how many requests there were at the latest attempt
  private double starts;
  private double startsBefore; // what was known was forgotten
  private double checkpoints;

  /** A policy that has learnt nothing yet. */
  public AdaptivePolicy(Parameters parameters, PolicyContext context) {
    this.context = context;
    this.settings = AdaptiveSettings.of(parameters);
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
    builds.wanted(agenda.target(), requests);
    if (requests == triedAt) { // the other callers of a burst do not wait for what one finds out
      return plan(agenda.best(), StartPlan.NO_CHECKPOINT, "costs callers least");
    }
    SnapshotView old = anchor.among(ready);
    if (old != null && anchor.isDue() && tries()) {
      return settle(ready, agenda.best() == null ? old : agenda.best(), "to see what time changes");
    }
    if (agenda.probe() != null) {
      stale = true;
      return attempt(agenda.probe(), StartPlan.NO_CHECKPOINT, "to see what comes after it");
    }
    if (agenda.probesCold()) {
      stale = true;
      return attempt(null, StartPlan.NO_CHECKPOINT, "to learn the first requests anew");
    }
    if (mayCheckpoint()) {
      SnapshotView frontier = looksFurther() && !buildsFirst() ? Progress.furthest(ready) : null;
      if (frontier != null) {
        return attempt(frontier, StartPlan.NO_CHECKPOINT, "to look further than before");
      }
      if (builds.mayGoTo(agenda.target(), requests)) {
        return attempt(agenda.base(), agenda.target(), "to make a better snapshot from it");
      }
    }
    return settle(ready, agenda.best(), "costs callers least");
  }

  /** Whether a life is wanted for something else than being the best. */
  private boolean tries() {
    return agenda.probe() != null || agenda.probesCold() || (mayCheckpoint() && looksFurther());
  }

  /** Starts from the best, or from what it is compared with. */
  private StartPlan settle(List<SnapshotView> ready, @Nullable SnapshotView best, String reason) {
    SnapshotView from = best == null ? null : anchor.settle(ready, best, this::promise);
    return plan(from, StartPlan.NO_CHECKPOINT, reason);
  }

  private double promise(SnapshotView old, SnapshotView better) {
    Agenda.Maker maker = maker();
    return Math.log(maker.requests(better.request()) / maker.requests(old.request()));
  }

  /** Starts what may cost its caller more than the best, once until a request was answered. */
  private StartPlan attempt(@Nullable SnapshotView from, long checkpointAt, String reason) {
    triedAt = requests;
    return plan(from, checkpointAt, reason);
  }

  private StartPlan plan(@Nullable SnapshotView from, long checkpointAt, String reason) {
    anchor.starts(from);
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

  private void refresh(List<SnapshotView> ready) {
    seen = ready;
    sampleScale.lend(curve, continued);
    curve.fit();
    costs.keepOnly(ready);
    agenda = maker().make(ready);
    double known = starts - startsBefore;
    stale = known < EACH_START_UNTIL;
    nextRefresh = starts + known * (REFRESH - 1);
  }

  private Agenda.Maker maker() {
    return new Agenda.Maker(curve, costs, lengths, remaining(), settings.surprise());
  }

  /** How many more requests a snapshot made now will serve: as many as so far, or within time. */
  private double remaining() {
    GapHistogram gaps = readiness.gaps();
    double perMs = gaps.total() < ReadinessPlanner.LEAST_GAPS ? 0 : gaps.perMilli();
    double expected = Math.max(settings.horizonRequests(), requests);
    return perMs > 0 ? Math.min(expected, perMs * settings.paybackMs()) : expected;
  }

  /**
   * What is spent on surprises and luck is bounded: most curves have none in store. The bound grows
   * with the root of the requests, so that its share of what callers wait goes to nothing.
   */
  private boolean looksFurther() {
    double horizon = settings.horizonRequests();
    double counted = Math.min(remaining(), Math.sqrt(horizon * Math.max(horizon, requests)));
    double callersWait = counted / lengths.mean() * agenda.bestLife();
    double spent = (checkpoints + 1) * costs.checkpoint();
    return agenda.exploring()
        && (agenda.falling() || spent < settings.lookingShare() * callersWait);
  }

  /** Whether a snapshot among what was seen saves more for what it costs than looking further. */
  private boolean buildsFirst() {
    return agenda.target() != StartPlan.NO_CHECKPOINT
        && agenda.targetGain() * agenda.exploringCost()
            > agenda.exploringGain() * costs.checkpoint();
  }

  private boolean mayCheckpoint() {
    double burst = settings.burstRequests() / lengths.mean();
    return checkpoints < burst + settings.checkpointShare() * starts + 1;
  }

  @Override
  public boolean checkpoint(Life life, List<SnapshotView> snapshots) {
    if (life.cold() && life.served() - life.failures() == 1 && snapshots.isEmpty()) {
      double gain = (costs.boot() - costs.restore()) * remaining() / lengths.mean();
      return granted(life, "the first snapshot", gain, costs.checkpoint());
    }
    return life.request() == life.checkpointAt()
        && agenda.targetGain() > 0 // or it is not thought so any more
        && (!seen.isEmpty() || snapshots.isEmpty()) // another one was only not ready yet
        && !Progress.exists(life.request(), snapshots)
        && mayCheckpoint()
        && granted(life, "a better place", agenda.targetGain(), costs.checkpoint());
  }

  /** Asks for the checkpoint, and notes the answer. */
  private boolean granted(Life life, String reason, double gain, double cost) {
    double savedSeconds = gain / 1e9;
    double perHour = savedSeconds / settings.paybackHours();
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

  @Override
  public boolean checkpointAtEviction(Life life, List<SnapshotView> snapshots) {
    if (life.served() == 0 || !mayCheckpoint() || Progress.exists(life.request(), snapshots)) {
      return false;
    }
    if (life.checkpointAt() > life.request()) {
      return agenda.targetGain() > 0
          && granted(life, "a step on the way", agenda.targetGain(), costs.checkpoint());
    }
    SnapshotView furthest = Progress.furthest(snapshots);
    if (furthest != null && life.request() <= furthest.request()) {
      return false;
    }
    if (stale) {
      refresh(ready(snapshots));
    }
    return looksFurther()
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
    return mayCheckpoint() && !builds.arePutOff(requests)
        ? planner().training(ready)
        : Optional.empty();
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
        !Progress.exists(life.request(), snapshots)
            && mayCheckpoint()
            && granted(
                life,
                "trained off the request path",
                planner().gain(life.request(), ready),
                costs.checkpoint());
    if (granted) {
      builds.end(requests);
    }
    return granted ? step : new TrainingStep.Stop("the budget of checkpoints is spent");
  }

  private TrainingPlanner planner() {
    double surprise = Outlook.chanceOfSurprise(curve.course(), settings.surprise());
    double price = 1 / sampleScale.ratio(curve, continued);
    return new TrainingPlanner(maker(), curve, costs, lengths, remaining(), surprise, price);
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
    boolean atWork = looksFurther() || agenda.target() != StartPlan.NO_CHECKPOINT;
    boolean isShort = context.budget().storageIsShort();
    List<String> removed =
        new Keeping(atWork, isShort, agenda.target(), settings.maxSnapshots())
            .toRemove(ready, maker());
    stale |= !removed.isEmpty();
    for (SnapshotView each : ready) {
      if (removed.contains(each.id())) {
        note(
            Decision.Kind.PRUNE, each.id(), each.request(), "costs callers more than others", 0, 0);
      }
    }
    return removed;
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
    boolean told = resumes(life, nanos) || anchor.served(life, nanos, curve.drift());
    if (anchor.keepsPromise(lastBuilt)) {
      builds.clear();
    }
    int bin = RequestBins.of(request);
    if (life.snapshot() != null && life.served() == 1) {
      if (continued.get(bin)) {
        costs.surcharge(life.snapshot(), nanos - curve.seen(request));
        return;
      }
    } else {
      continued.set(bin);
    }
    if (curve.samples(request) >= 2
        && shift.sees(nanos, curve.seen(request), told || !anchor.exists(), curve.drift())) {
      relearn();
    }
    curve.add(request, nanos);
  }

  /** A service that was just started is slower than it was when its state was kept. */
  private boolean resumes(Life life, double nanos) {
    double before = curve.seen(life.request());
    if (resuming <= 0 || before <= 0 || (life.snapshot() != null && life.served() == 1)) {
      return false;
    }
    resuming--;
    curve.drift().jumps(RESUMED);
    curve.drift().sees(curve.drift().log() + Math.log(Math.max(1, nanos) / before));
    return true;
  }

  private void relearn() {
    note(Decision.Kind.RELEARN, null, 0, "latencies are no longer what they were", 0, 0);
    curve.clear();
    continued.clear();
    sampleScale.clear();
    shift.clear();
    builds.clear();
    startsBefore = starts;
    checkpoints /= 2; // what was spent on what is no longer so: half of it may be spent again
    stale = true;
  }

  @Override
  public void checkpointed(Checkpointed checkpointed) {
    checkpoints++;
    if (checkpointed.request() == agenda.target()) {
      lastBuilt = checkpointed.snapshot();
    }
    snapshotBytes = checkpointed.bytes();
    costs.checkpointed((double) checkpointed.workNanos());
    stale = true;
  }

  @Override
  public void ended(Life life) {
    lengths.ended(life.served());
  }

  @Override
  public Beliefs beliefs(List<SnapshotView> ready) {
    refresh(ready);
    var maker = maker();
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
    numbers.put("driftFactor", curve.drift().factor());
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
    resuming = RESUMING;
    stale = true;
  }
}
