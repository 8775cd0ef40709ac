package dev.rekindle.orchestrator.policy.adaptive;

import dev.rekindle.orchestrator.policy.model.ReadinessWish;

/**
 * What a function's arrivals tell about how much of it to keep ready: the gaps between them, and
 * how many come at once. The plan made of that is renewed as more is seen, as the price of memory
 * moves and as starts get quicker; in between, asking costs nothing.
 */
final class Readiness {
  /** Most instances that are kept ready. */
  static final int MOST_INSTANCES = 20;

  /** Arrivals that count; more than these and the oldest fade. */
  private static final double MEMORY = 500;

  /** A plan is good until this much more was seen, or a figure changed by as much. */
  private static final double RENEWAL = 1.05;

  private static final long NEVER = Long.MIN_VALUE;

  private final GapHistogram gaps = new GapHistogram();

  /** How many arrivals found so many other requests that ran or waited; the last one: or more. */
  private final double[] others = new double[MOST_INSTANCES + 1];

  private double arrivals;
  private long lastArrivalMs = NEVER;
  private ReadinessWish plan = ReadinessWish.NONE;
  private double renewIn; // arrivals
  private double plannedStart;
  private double plannedPrice = -1;

  GapHistogram gaps() {
    return gaps;
  }

  /**
   * A request arrived.
   *
   * @param nowMs when
   * @param otherRequests how many others run or wait
   */
  void arrived(long nowMs, int otherRequests) {
    if (lastArrivalMs != NEVER && nowMs >= lastArrivalMs) {
      gaps.add((double) (nowMs - lastArrivalMs));
    }
    lastArrivalMs = nowMs;
    if (arrivals >= MEMORY) {
      for (int i = 0; i < others.length; i++) {
        others[i] *= 1 - 1 / MEMORY;
      }
    }
    arrivals = Math.min(MEMORY, arrivals + 1);
    renewIn--;
    others[Math.min(otherRequests, MOST_INSTANCES)]++;
  }

  /** The share of arrivals that found at least so many other requests. */
  double shareWithOthers(int atLeast) {
    double sum = 0;
    double all = 0;
    for (int i = 0; i < others.length; i++) {
      all += others[i];
      sum += i >= atLeast ? others[i] : 0;
    }
    return all <= 0 ? 0 : sum / all;
  }

  /**
   * What to keep ready now. Nobody is expected any more when the function was silent for longer
   * than its idle instances live: then nothing is restored ahead.
   *
   * @param startNanos what a caller waits for a start
   * @param price nanoseconds of waiting that an idle instance must save in a millisecond
   */
  ReadinessWish wish(long nowMs, double startNanos, double price) {
    if (renewIn <= 0 || changed(startNanos, plannedStart) || changed(price, plannedPrice)) {
      plan = ReadinessPlanner.plan(this, startNanos, price);
      renewIn = Math.max(1, arrivals * (RENEWAL - 1));
      plannedStart = startNanos;
      plannedPrice = price;
    }
    boolean silent =
        plan.idle().isPresent() && nowMs - lastArrivalMs > plan.idle().get().toMillis();
    return silent && plan.instances() > 0
        ? new ReadinessWish(plan.standby(), 0, plan.idleOrNull())
        : plan;
  }

  private static boolean changed(double now, double then) {
    return now > then * RENEWAL || now * RENEWAL < then || (then < 0 && now >= 0);
  }
}
