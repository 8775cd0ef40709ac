package dev.rekindle.orchestrator.policy.adaptive;

import dev.rekindle.orchestrator.policy.estimate.LatencyCurve;
import dev.rekindle.orchestrator.policy.estimate.LifeLengths;
import dev.rekindle.orchestrator.policy.estimate.StartCosts;
import dev.rekindle.orchestrator.policy.model.Progress;
import dev.rekindle.orchestrator.policy.model.RequestBins;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.Start;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import dev.rekindle.orchestrator.policy.model.Training;
import dev.rekindle.orchestrator.policy.model.TrainingStep;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where {@link AdaptivePolicy} has clones trained to. Off the request path no caller is slowed and
 * no eviction cuts the way into steps; what is paid is the host's work: the start, the sample
 * events and the checkpoint. It is set against what callers save, in the same time, with the same
 * margin as everywhere. Costs are nanoseconds.
 */
final class TrainingPlanner {
  private final Agenda.Maker maker;
  private final LatencyCurve curve;
  private final StartCosts costs;
  private final LifeLengths lengths;
  private final double lives;
  private final double surprise;
  private final double samplePrice;

  /**
   * What is known.
   *
   * @param remaining how many requests are expected
   * @param surprise the chance that latency falls unexpectedly within half as many requests again
   * @param samplePrice what a sample event takes, as a share of a caller's request
   */
  TrainingPlanner(
      Agenda.Maker maker,
      LatencyCurve curve,
      StartCosts costs,
      LifeLengths lengths,
      double remaining,
      double surprise,
      double samplePrice) {
    this.maker = maker;
    this.curve = curve;
    this.costs = costs;
    this.lengths = lengths;
    this.lives = remaining / lengths.mean();
    this.surprise = surprise;
    this.samplePrice = samplePrice;
  }

  /** A request number, and what a snapshot there saves in all beyond what it costs. */
  private record Place(long request, @Nullable SnapshotView base, double gain) {
    static final Place NONE = new Place(StartPlan.NO_CHECKPOINT, null, 0);
  }

  /** What to train from the snapshots that there are. */
  Optional<Training> training(List<SnapshotView> ready) {
    if (ready.isEmpty() || curve.highest() == 0) {
      return Optional.empty();
    }
    Place build = best(ready, StartPlan.NO_CHECKPOINT);
    if (build.request() != StartPlan.NO_CHECKPOINT) {
      double worth = build.gain() / Agenda.Maker.MARGIN + work(build.base(), build.request());
      return Optional.of(new Training(start(build.base()), build.request(), (long) worth));
    }
    SnapshotView base = Progress.nearest(curve.highest(), ready);
    long further = further(curve.highest());
    double worth = gainFurther(ready) / Agenda.Maker.MARGIN;
    return work(base, further) + costs.checkpoint() < worth
        ? Optional.of(new Training(start(base), further, (long) worth))
        : Optional.empty();
  }

  /** What to do with a clone that has come so far. */
  TrainingStep step(long request, List<SnapshotView> ready) {
    long further = further(Math.max(request, curve.highest()));
    double worth = gainFurther(ready) / Agenda.Maker.MARGIN;
    // All the way since the best place counts: each stretch alone would always be worth a look.
    if (events(Math.min(request, bestSeen()), further) < worth) {
      return new TrainingStep.GoOn(further, (long) worth);
    }
    Place other = best(ready, request);
    double gain = gain(request, ready);
    if (gain > 0 && gain >= other.gain()) {
      return new TrainingStep.Freeze();
    }
    return other.gain() > 0 && other.request() > request
        ? new TrainingStep.GoOn(
            other.request(),
            (long) (other.gain() / Agenda.Maker.MARGIN + work(other.base(), other.request())))
        : new TrainingStep.Stop("no snapshot here would save what it costs");
  }

  /** What a snapshot of a clone that has come so far saves in all beyond its checkpoint. */
  double gain(long request, List<SnapshotView> ready) {
    return saved(request, bestLife(ready)) - Agenda.Maker.MARGIN * costs.checkpoint();
  }

  private double saved(long request, double bestLife) {
    return (bestLife - costs.restore() - maker.doubted(request)) * lives;
  }

  private double bestLife(List<SnapshotView> ready) {
    double best = maker.life(null);
    for (SnapshotView each : ready) {
      best = Math.min(best, maker.life(each));
    }
    return best;
  }

  /** The work to bring a clone to a request number. */
  private double work(@Nullable SnapshotView base, long request) {
    return base == null
        ? costs.boot() + events(0, request)
        : costs.restore(base.id()) + events(base.request(), request);
  }

  /** What the sample events between two request numbers take. */
  private double events(long from, long to) {
    return samplePrice * (curve.sumTo(to) - curve.sumTo(from));
  }

  /** The place within what was seen where a clone is best brought to, but for one. */
  private Place best(List<SnapshotView> ready, long besides) {
    double bestLife = bestLife(ready);
    Place found = Place.NONE;
    for (int bin = 0; bin < curve.size(); bin++) {
      long request = RequestBins.first(bin);
      if (request == besides || request + half() > curve.highest()) {
        continue;
      }
      SnapshotView base = Progress.nearest(request, ready);
      if (base != null && base.request() == request) {
        continue;
      }
      double cost = work(base, request) + costs.checkpoint();
      double gain = saved(request, bestLife) - Agenda.Maker.MARGIN * cost;
      if (gain > found.gain()) {
        found = new Place(request, base, gain);
      }
    }
    return found;
  }

  /** Half a life must have been seen after a place, or it is a guess. */
  private long half() {
    return (lengths.median() + 1) / 2;
  }

  private long further(long request) {
    return request + Math.max(lengths.median(), request / 2);
  }

  /**
   * What may be gained beyond what was seen, against the best place within it, be there a snapshot
   * or not: the fall going on, or an unexpected one (the terms are explained at {@link Outlook}).
   */
  private double gainFurther(List<SnapshotView> ready) {
    double known = Math.min(bestLife(ready), costs.restore() + maker.requests(bestSeen()));
    double drop = curve.course().drop();
    double level = lengths.mean() * curve.course().level() * Math.sqrt(1 - drop);
    double now = known - costs.restore();
    double expected = now - level * (1 - Outlook.CONTINUES * drop);
    double surprised = now - level * (1 - Outlook.SURPRISING_DROP);
    return lives * (Math.max(0, expected) + surprise * Math.max(0, surprised));
  }

  /** The request number, within what was seen, from which a life costs least. */
  private long bestSeen() {
    long best = curve.highest();
    double least = maker.requests(best);
    for (int bin = 0; bin < curve.size(); bin++) {
      long request = RequestBins.first(bin);
      if (request + half() <= curve.highest() && maker.requests(request) < least) {
        best = request;
        least = maker.requests(request);
      }
    }
    return best;
  }

  private static Start start(@Nullable SnapshotView base) {
    return base == null ? Start.COLD : new Start.Restore(base.id());
  }
}
