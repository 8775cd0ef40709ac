package dev.rekindle.orchestrator.policy.adaptive;

import dev.rekindle.orchestrator.policy.model.ReadinessWish;
import java.time.Duration;

/**
 * How long an idle instance lives and how many instances there are: as long and as many as save
 * callers more than the memory is worth to others.
 */
final class ReadinessPlanner {
  /** Fewer gaps are no pattern. */
  static final int LEAST_GAPS = 10;

  /** Gaps beyond this share are chance, not pattern: the tail that ATC '20 cuts off too. */
  static final double TAIL = 0.99;

  private ReadinessPlanner() {}

  /**
   * What is best.
   *
   * @param seen the function's arrivals
   * @param startNanos what a caller waits for a start
   * @param price how many nanoseconds of waiting the memory of an idle instance saves in a
   *     millisecond elsewhere; 0 where memory is not short
   */
  static ReadinessWish plan(Readiness seen, double startNanos, double price) {
    GapHistogram gaps = seen.gaps();
    if (gaps.total() < LEAST_GAPS || !(startNanos > 0)) {
      return ReadinessWish.NONE;
    }
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
        0, instances(seen, startNanos, price), Duration.ofMillis(Math.round(Math.ceil(bestIdle))));
  }

  /**
   * How many instances to keep. The n-th is of use to arrivals that find at least n - 1 other
   * requests: it is worth its memory if what these would wait for a start, in each millisecond,
   * exceeds the price.
   */
  private static int instances(Readiness seen, double startNanos, double price) {
    double perMilli = seen.gaps().perMilli();
    int count = 0;
    while (count < Readiness.MOST_INSTANCES) {
      double share = seen.shareWithOthers(count);
      // Below one in a hundred it is the tail again.
      if (share <= 1 - TAIL || share * perMilli * startNanos <= price) {
        break;
      }
      count++;
    }
    return count;
  }
}
