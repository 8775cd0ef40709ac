package dev.rekindle.orchestrator.policy;

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
    double exploringGain,
    double exploringCost) {

  /** What is done while nothing is known. */
  static final Agenda NONE =
      new Agenda(null, 0, null, false, StartPlan.NO_CHECKPOINT, null, 0, false, 0, 0);

  /** Draws conclusions. */
  static final class Maker {
    /** A new snapshot must save so many times what it costs: estimates of the best are too good. */
    static final double MARGIN = 1.5;

    /** A fall goes on with this share of its speed. */
    static final double CONTINUES = 0.9;

    /** By which share latency falls when it falls unexpectedly: a compiler at work. */
    static final double SURPRISING_DROP = 0.5;

    /** The chance of an unexpected fall within half as many requests again. */
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
     * @param surprise the least relative improvement believed in beyond what was seen
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
      double frontier = costs.restore() + requests(curve.highest());
      double step = costs.checkpoint() + Math.max(0, frontier - bestLife);
      double gain = trendGain(best, lives);
      double cost = steps() * step;
      double luck = luckGain(lives);
      boolean exploring = gain > cost || luck > step;
      return new Agenda(
          best,
          bestLife,
          probe,
          curve.highest() > 0
              && curve.samples(1) == 0
              && costs.boot() < lives * requests(0) * surprise,
          build.target,
          build.base,
          build.gain,
          exploring,
          gain > cost ? gain : luck,
          gain > cost ? cost : step);
    }

    private long steps() {
      return Math.max(1, (curve.highest() / 2 + median - 1) / median);
    }

    /**
     * What may be gained if the curve goes on as it did, or falls when nobody expects it. Compares
     * trends: whoever is lucky with the best start so far may be lucky again further on.
     */
    private double trendGain(@Nullable SnapshotView best, double lives) {
      double drop = curve.recentDrop();
      double level = meanLength * curve.recentLevel() * Math.sqrt(1 - drop); // at the highest
      long request = best == null ? 0 : best.request();
      double now =
          best == null
              ? costs.boot() + meanLength * curve.trendAt((median + 1) / 2)
              : request + median >= curve.highest() * 2 / 3
                  ? costs.restore(best.id()) + level
                  : costs.restore(best.id())
                      + meanLength * curve.trendAt(request + (median + 1) / 2);
      double expected = now - costs.restore() - level * (1 - CONTINUES * drop);
      double surprised = now - costs.restore() - level * (1 - SURPRISING_DROP);
      return lives * (Math.max(0, expected) + surprise * Math.max(0, surprised));
    }

    /**
     * What may be gained if the next stretch is like the others, only luckier: of n + 1 alike
     * stretches the last is the best with chance 1 / (n + 1), and then better than the second by
     * about what lies between the best ones now.
     */
    private double luckGain(double lives) {
      double first = Double.POSITIVE_INFINITY;
      double second = first;
      double third = first;
      int count = 0;
      for (long from = 0; from + median <= curve.highest(); from += step(from)) {
        double here = requests(from);
        count++;
        if (here < first) {
          third = second;
          second = first;
          first = here;
        } else if (here < second) {
          third = second;
          second = here;
        } else if (here < third) {
          third = here;
        }
      }
      return count < 3 ? 0 : (third - first) / 2 / (count + 1) * lives;
    }

    /** Stretches within one bin are all the same: one of them speaks for the others. */
    private long step(long from) {
      return Math.max(median, RequestBins.width(RequestBins.of(from + 1)));
    }

    /** A snapshot nobody was started from, where one life tells whether it is better. */
    private @Nullable SnapshotView probe(List<SnapshotView> ready, double bestLife, double lives) {
      for (SnapshotView each : ready) {
        if (curve.samples(each.request() + 1) == 0) {
          double excess = life(each) - bestLife;
          if (excess < lives * requests(each.request()) * surprise) {
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
            (bestLife - restore - requests(request)) * lives
                - MARGIN * steps * (checkpoint + excess);
        if (gain > found.gain) {
          found = new Build(request, base, gain);
        }
      }
      return found;
    }
  }
}
