package dev.rekindle.orchestrator.policy.adaptive;

import dev.rekindle.orchestrator.policy.estimate.LatencyCurve;
import dev.rekindle.orchestrator.policy.estimate.LifeLengths;
import dev.rekindle.orchestrator.policy.estimate.StartCosts;
import dev.rekindle.orchestrator.policy.model.Newest;
import dev.rekindle.orchestrator.policy.model.RequestBins;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@link AdaptivePolicy} concludes from its estimates: the best start, whether another
 * snapshot is worth making, and whether it is worth looking further. Costs are nanoseconds of one
 * life unless they say otherwise.
 *
 * @param best what to start from; null for a cold start
 * @param bestLife what a life from there costs
 * @param probe a snapshot that nothing was started from yet; null if there is none worth it
 * @param probesCold whether a cold start is worth a try, since the first requests are unknown
 * @param target the request number of a snapshot worth making, or {@link StartPlan#NO_CHECKPOINT}
 * @param base what to start from to get there; null for a cold start
 * @param targetGain what that saves in all, its cost taken off
 * @param exploring whether it is worth going beyond what was seen
 * @param falling whether the fall that is seen pays for that alone
 * @param exploringGain what that is expected to save in all
 * @param exploringCost what it costs in all
 */
record Agenda(
    @Nullable SnapshotView best,
    double bestLife,
    @Nullable SnapshotView probe,
    boolean probesCold,
    long target,
    @Nullable SnapshotView base,
    double targetGain,
    boolean exploring,
    boolean falling,
    double exploringGain,
    double exploringCost) {

  /** What is done while nothing is known. */
  static final Agenda NONE =
      new Agenda(null, 0, null, false, StartPlan.NO_CHECKPOINT, null, 0, false, false, 0, 0);

  /** Draws conclusions. */
  static final class Maker {
    /** A new snapshot must save so many times what it costs: estimates of the best are too good. */
    static final double MARGIN = 1.5;

    /**
     * A snapshot is tried once where a life from it costs less than this share of what it serves.
     */
    private static final double TRIAL = 0.01;

    /** Halvings of latency in an octave, as believed before the curve is seen. */
    private final double surprise;

    private final LatencyCurve curve;
    private final StartCosts costs;
    private final long[] lengths;
    private final double meanLength;
    private final long median;
    private final double remaining;

    /**
     * Takes what is known.
     *
     * @param remaining how many more requests are expected
     * @param surprise halvings of latency in an octave, as believed before the curve is seen
     */
    Maker(
        LatencyCurve curve,
        StartCosts costs,
        LifeLengths lives,
        double remaining,
        double surprise) {
      this.curve = curve;
      this.costs = costs;
      this.lengths = lives.steps();
      this.meanLength = lives.mean();
      this.median = lives.median();
      this.remaining = remaining;
      this.surprise = surprise;
    }

    /** The handlers' time of a life from a request number on. */
    double requests(long from) {
      double sum = 0;
      for (long length : lengths) {
        sum += curve.sumTo(from + length);
      }
      return sum / lengths.length - curve.sumTo(from);
    }

    /** The same, and its standard error: where noise was kind once, nothing is to be had. */
    double doubted(long from) {
      return requests(from) * (1 + curve.doubt(from, from + Math.round(meanLength)));
    }

    /** What a life costs that is started from a snapshot, or cold if there is none. */
    double life(@Nullable SnapshotView from) {
      return from == null
          ? costs.boot() + requests(0)
          : costs.restore(from.id()) + requests(from.request());
    }

    Agenda make(List<SnapshotView> ready) {
      // Before anything is known: a policy that follows another finds snapshots on its first start.
      SnapshotView best = costs.boot() == 0 ? Newest.of(ready) : null;
      double bestLife = life(best);
      for (SnapshotView each : ready) {
        double cost = life(each);
        if (cost < bestLife) {
          best = each;
          bestLife = cost;
        }
      }
      double lives = remaining / meanLength;
      SnapshotView probe = probe(ready, bestLife, lives);
      Build build = build(ready, bestLife, lives);
      Outlook outlook = outlook(best, bestLife, lives);
      return new Agenda(
          best,
          bestLife,
          probe,
          curve.highest() > 0
              && curve.samples(1) == 0
              && costs.boot() < lives * requests(0) * TRIAL,
          build.target,
          build.base,
          build.gain,
          outlook.worth(),
          outlook.falling(),
          outlook.gain(),
          outlook.cost());
    }

    private Outlook outlook(@Nullable SnapshotView best, double bestLife, double lives) {
      double frontier = costs.restore() + requests(curve.highest());
      double step = costs.checkpoint() + Math.max(0, frontier - bestLife);
      return Outlook.of(
          curve,
          new Outlook.Question(
              trendOf(best) - costs.restore(),
              bestLife - costs.restore(),
              step,
              meanLength,
              median,
              lives,
              surprise));
    }

    /** What a life from the best start costs, by the trend. */
    private double trendOf(@Nullable SnapshotView best) {
      if (best == null) {
        return costs.boot() + meanLength * curve.trendAt((median + 1) / 2);
      }
      double latency =
          best.request() + median >= curve.highest() * 2 / 3
              ? curve.course().level() * Math.sqrt(1 - curve.course().drop())
              : curve.trendAt(best.request() + (median + 1) / 2);
      return costs.restore(best.id()) + meanLength * latency;
    }

    /** A snapshot nobody was started from, where one life tells whether it is better. */
    private @Nullable SnapshotView probe(List<SnapshotView> ready, double bestLife, double lives) {
      for (SnapshotView each : ready) {
        if (curve.samples(each.request() + 1) == 0) {
          double excess = life(each) - bestLife;
          if (excess < lives * requests(each.request()) * TRIAL) {
            return each;
          }
        }
      }
      return null;
    }

    private record Build(long target, @Nullable SnapshotView base, double gain) {}

    /** The request number at which a new snapshot would save most beyond its cost. */
    private Build build(List<SnapshotView> ready, double bestLife, double lives) {
      List<SnapshotView> bases = new ArrayList<>(ready);
      bases.sort((a, b) -> Long.compare(a.request(), b.request()));
      Build found = new Build(StartPlan.NO_CHECKPOINT, null, 0);
      double restore = costs.restore();
      double checkpoint = costs.checkpoint();
      int next = 0;
      SnapshotView base = null;
      double excess = Math.max(0, life(null) - bestLife);
      for (int bin = -1; bin < curve.size(); bin++) {
        long request = bin < 0 ? 0 : RequestBins.first(bin);
        while (next < bases.size() && bases.get(next).request() <= request) {
          base = bases.get(next++);
          excess = Math.max(0, life(base) - bestLife);
        }
        long from = base == null ? 0 : base.request();
        boolean exists = base != null && from == request;
        if (exists || request + (median + 1) / 2 > curve.highest()) {
          continue;
        }
        long steps = Math.max(1, (request - from + median - 1) / median);
        double gain =
            (bestLife - restore - doubted(request)) * lives
                - MARGIN * steps * (checkpoint + excess);
        if (gain > found.gain) {
          found = new Build(request, base, gain);
        }
      }
      return found;
    }
  }
}
