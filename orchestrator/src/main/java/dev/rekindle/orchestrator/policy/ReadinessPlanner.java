package dev.rekindle.orchestrator.policy;

import java.time.Duration;

/**
 * How long an idle instance lives and how many standby instances there are: as long and as many as
 * save callers more than the memory is worth to others.
 */
final class ReadinessPlanner {
  /** Fewer gaps are no pattern. */
  static final int LEAST_GAPS = 10;

  /** Gaps beyond this share are chance, not pattern: the tail that ATC '20 cuts off too. */
  static final double TAIL = 0.99;

  static final int MOST_STANDBY = 20;

  private ReadinessPlanner() {}

  /**
   * What is best.
   *
   * @param gaps between the function's requests
   * @param startNanos what a caller waits for a start
   * @param bytes what an idle or standby instance holds
   * @param nanosPerByteSecond how much waiting a byte of memory saves in a second elsewhere; 0
   *     where memory is not short
   */
  static ReadinessWish plan(
      GapHistogram gaps, double startNanos, double bytes, double nanosPerByteSecond) {
    if (gaps.total() < LEAST_GAPS) {
      return ReadinessWish.NONE;
    }
    double price = bytes * nanosPerByteSecond / 1e3; // nanoseconds of waiting for a millisecond
    double longest = gaps.quantileMillis(TAIL);
    double best = 0;
    double bestIdle = 1;
    double reached = 0;
    double held = 0;
    for (int bin = 0; bin < GapHistogram.BINS; bin++) {
      double edge = GapHistogram.upperMillis(bin);
      double lower = bin == 0 ? 0 : GapHistogram.upperMillis(bin - 1);
      // Those still waiting hold memory through this bin, those who arrive in it for half of it.
      double arriving = gaps.count(bin);
      double still = gaps.total() - reached - arriving;
      held += (edge - lower) * (still + arriving / 2);
      reached += arriving;
      double worth = reached * startNanos - held * price;
      if (worth > best) {
        best = worth;
        bestIdle = edge;
      }
      if (edge >= longest) {
        break;
      }
    }
    return new ReadinessWish(
        standby(gaps, startNanos, price), Duration.ofMillis(Math.round(Math.ceil(bestIdle))));
  }

  /**
   * How many requests find all instances taken by those just before them. One standby more is worth
   * its memory if the chance that another request comes while a start is under way, for each
   * millisecond, times what it would wait exceeds the price. The chance of n in a row is taken as
   * that of one to the power of n.
   */
  private static int standby(GapHistogram gaps, double startNanos, double price) {
    double startMillis = startNanos / 1e6;
    double within = 0;
    for (int bin = 0; bin < GapHistogram.BINS; bin++) {
      double edge = GapHistogram.upperMillis(bin);
      if (edge <= startMillis) {
        within += gaps.count(bin);
      }
    }
    double chance = within / gaps.total();
    double perMilli = gaps.perMilli();
    int count = 0;
    double another = chance;
    // Below one in a hundred it is the tail again.
    while (count < MOST_STANDBY && another > 1 - TAIL && another * perMilli * startNanos > price) {
      count++;
      another *= chance;
    }
    return count;
  }
}
