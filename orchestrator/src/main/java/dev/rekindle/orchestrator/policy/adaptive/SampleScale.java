package dev.rekindle.orchestrator.policy.adaptive;

import dev.rekindle.orchestrator.policy.estimate.LatencyCurve;
import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.RequestBins;
import java.util.Arrays;
import java.util.BitSet;

/**
 * What clones' answers to sample events tell of callers' requests. Samples may cost less or more
 * than what callers send, so they never stand beside callers' latencies as they are. Where a
 * request number is known from both, the two are compared; a number that callers have not come to
 * borrows the sample's latency times the ratio of all that could be compared, until a caller comes
 * to it. Where no number was reached by both, neighbours are compared; before that, they count as
 * alike. The samples are not kept across restarts.
 */
final class SampleScale {
  /** Latencies are much alike in so many neighbouring bins... */
  private static final int NEAR = 4;

  /** ...and in one of so many of all before. */
  private static final int NEAR_SHARE = 5;

  private double[] unbroken = new double[0];
  private double[] first = new double[0];
  private final BitSet borrowed = new BitSet();

  /** A clone has answered a sample event. */
  void sampled(Life life, double nanos) {
    int bin = RequestBins.of(life.request());
    if (bin >= unbroken.length) {
      int length = Math.max(bin + 1, 2 * unbroken.length);
      unbroken = Arrays.copyOf(unbroken, length);
      first = Arrays.copyOf(first, length);
    }
    // The first request after a restore takes longer than the same one in an unbroken life.
    double[] of = life.snapshot() != null && life.served() == 1 ? first : unbroken;
    of[bin] = of[bin] == 0 ? nanos : (of[bin] + nanos) / 2;
  }

  /** Gives back what was borrowed for a request number, because a caller has come to it. */
  void served(long request, LatencyCurve curve) {
    int bin = RequestBins.of(request);
    if (borrowed.get(bin)) {
      borrowed.clear(bin);
      curve.forget(request);
    }
  }

  /**
   * Lends the curve what it does not know from callers.
   *
   * @param continued the bins that callers came to in an unbroken life
   */
  void lend(LatencyCurve curve, BitSet continued) {
    double ratio = ratio(curve, continued);
    for (int bin = 0; bin < unbroken.length; bin++) {
      long request = RequestBins.first(bin);
      double known = unbroken[bin] > 0 ? unbroken[bin] : first[bin];
      if (known > 0 && (borrowed.get(bin) || curve.samples(request) == 0)) {
        borrowed.set(bin);
        curve.forget(request);
        curve.add(request, ratio * known);
      }
    }
  }

  /** How many times longer a caller's request takes than a sample event. */
  double ratio(LatencyCurve curve, BitSet continued) {
    double callers = 0;
    double samples = 0;
    for (int bin = 0; bin < unbroken.length; bin++) {
      long request = RequestBins.first(bin);
      if (borrowed.get(bin) || curve.samples(request) == 0) {
        continue;
      }
      // Callers' first requests are best compared with first ones, and never the other way round.
      double like = !continued.get(bin) && first[bin] > 0 ? first[bin] : unbroken[bin];
      if (like > 0) {
        callers += curve.seen(request);
        samples += like;
      }
    }
    return samples > 0 && callers > 0 ? callers / samples : ratioAtTheEnds(curve, continued);
  }

  /** Where no number was reached by both: callers just before the samples, and just after them. */
  private double ratioAtTheEnds(LatencyCurve curve, BitSet continued) {
    double callers = 0;
    double samples = 0;
    int from = end(0, 1);
    int to = end(unbroken.length - 1, -1);
    int before = near(curve, continued, from, -1);
    int after = near(curve, continued, to, 1);
    if (before >= 0) {
      callers += curve.seen(RequestBins.first(before));
      samples += unbroken[from];
    }
    if (after >= 0) {
      callers += curve.seen(RequestBins.first(after));
      samples += unbroken[to];
    }
    return samples > 0 && callers > 0 ? callers / samples : 1;
  }

  /** The first bin on a way that samples came to in an unbroken life; -1 if there is none. */
  private int end(int begin, int step) {
    for (int bin = begin; bin >= 0 && bin < unbroken.length; bin += step) {
      if (unbroken[bin] > 0) {
        return bin;
      }
    }
    return -1;
  }

  /** The bin that callers came to in an unbroken life and that is nearest to one; -1 if none is. */
  private int near(LatencyCurve curve, BitSet continued, int bin, int step) {
    int most = Math.max(NEAR, bin / NEAR_SHARE);
    for (int away = 1; bin >= 0 && away <= most && bin + away * step >= 0; away++) {
      int found = bin + away * step;
      boolean isCallers = continued.get(found) && !borrowed.get(found);
      if (isCallers && curve.samples(RequestBins.first(found)) > 0) {
        return found;
      }
    }
    return -1;
  }

  /** Latencies are no longer what they were. */
  void clear() {
    Arrays.fill(unbroken, 0);
    Arrays.fill(first, 0);
    borrowed.clear();
  }
}
