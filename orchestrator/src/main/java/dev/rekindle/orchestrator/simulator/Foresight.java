package dev.rekindle.orchestrator.simulator;

import java.util.SplittableRandom;

/**
 * What somebody could reach who knew the curve beforehand, in nanoseconds of {@code totalSeconds}.
 * By sums over the curve, without a simulation; latencies beyond the record count as the mean of
 * those that the simulator draws from.
 *
 * <p>It also tells where no one can keep a promise who does not know the curve. A policy that is
 * never to exceed 1.05 of the best fixed choice must, on some curves, look beyond a request number
 * n, since whatever lies before it costs more than that. But a record that had ended at n looks the
 * same to it until then; if already the checkpoints that lead beyond n cost more than the promise
 * allows on that shorter record, it breaks the promise on one of the two, whatever it does.
 */
final class Foresight {
  private final double boot;
  private final double restore;
  private final double checkpoint;
  private final int requests;
  private final int life;
  private final int lives;
  private final Curve curve;
  private final double[] sums;

  /** From number N: the least of all lives that begin at N or before. */
  private final double[] leastLife;

  /** The totals of {@code fixed} by its parameter. */
  private final double[] fixed;

  private final int best;

  Foresight(Curve curve, Costs costs, int requests, int evictEvery) {
    this.curve = curve;
    this.boot = costs.coldNanos();
    this.restore = costs.restoreNanos();
    this.checkpoint = costs.checkpointNanos();
    this.requests = requests;
    this.life = Math.min(evictEvery, requests);
    this.lives = requests / life;
    this.sums = sums();
    this.leastLife = new double[requests + 1];
    this.fixed = new double[requests + 1];
    int found = 0;
    for (int n = 0; n <= requests; n++) {
      double here = restore + sums[n + life] - sums[n];
      leastLife[n] = n == 0 ? here : Math.min(here, leastLife[n - 1]);
      fixed[n] = fixedAt(n);
      found = fixed[n] < fixed[found] ? n : found;
    }
    best = found;
  }

  private double[] sums() {
    double[] total = new double[requests + life + 1];
    double tail = curve.tailMean(curve.length());
    SplittableRandom unused = new SplittableRandom(0);
    for (int i = 1; i < total.length; i++) {
      total[i] = total[i - 1] + (i <= curve.length() ? curve.at(i, unused) : tail);
    }
    return total;
  }

  /** What {@code fixed} takes in all: a chain of lives, then the rest from one snapshot. */
  private double fixedAt(int request) {
    int chain = Math.min(Math.max(1, steps(request)), (requests + life - 1) / life);
    int served = Math.min(requests, chain * life);
    double total = boot + (chain - 1) * restore + sums[served] + chain * checkpoint;
    int left = requests - served;
    int part = left % life;
    int whole = left / life;
    total += whole * (restore + sums[request + life] - sums[request]);
    return part == 0 ? total : total + restore + sums[request + part] - sums[request];
  }

  private int steps(int request) {
    return (request + life - 1) / life;
  }

  /** The parameter with which {@code fixed} does best. */
  int bestFixed() {
    return best;
  }

  /** At least so much is spent by whoever never starts from beyond a request number. */
  private double leastWithin(int furthest) {
    double first = boot + sums[life];
    double found = lives * first; // all cold
    for (int n = 0; n <= furthest; n++) {
      double alike = Math.min(first, leastLife[n]);
      found = Math.min(found, first + Math.max(1, steps(n)) * checkpoint + (lives - 1) * alike);
    }
    return found;
  }

  /** No one can do better, not even with the curve in hand. */
  double leastPossible() {
    return leastWithin(requests);
  }

  /**
   * Whether this curve and a shorter record of it cannot both be served well by anyone who does not
   * know which one it is.
   *
   * @param limit what is not to be exceeded on this curve
   * @param factor how much is not to be exceeded on the shorter one, as a multiple...
   * @param fixedRequest ...of what {@code fixed} takes there with this parameter; if negative, of
   *     the best parameter
   */
  boolean needsForesight(double limit, double factor, int fixedRequest) {
    double first = boot + sums[life];
    double within = lives * first;
    double bestFixed = Double.POSITIVE_INFINITY;
    for (int n = 0; n + life <= Math.min(requests, curve.length() - 1); n++) {
      within =
          Math.min(
              within,
              first
                  + Math.max(1, steps(n)) * checkpoint
                  + (lives - 1) * Math.min(first, leastLife[n]));
      if (within <= limit) {
        return false; // from here on there is something good enough among what was seen
      }
      bestFixed = Math.min(bestFixed, fixed[n]);
      int seen = n + life;
      double reference = fixedRequest < 0 ? bestFixed : fixed[fixedRequest];
      boolean known = fixedRequest < 0 || seen >= fixedRequest + life;
      if (known && leastBeyond(n, seen, first) > factor * reference) {
        return true;
      }
    }
    return false;
  }

  /** The least that is spent on the record that ends at {@code seen} by whoever goes beyond it. */
  private double leastBeyond(int lastInside, int seen, double first) {
    double tail = curve.tailMean(seen);
    double least = Math.min(Math.min(first, leastLife[lastInside]), restore + life * tail);
    for (int n = lastInside + 1; n < seen; n++) {
      least = Math.min(least, restore + sums[seen] - sums[n] + (n + life - seen) * tail);
    }
    return first + steps(lastInside + 1) * checkpoint + (lives - 1) * least;
  }
}
