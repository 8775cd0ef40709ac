package dev.rekindle.orchestrator.policy.adaptive;

import dev.rekindle.orchestrator.policy.estimate.LatencyCourse;
import dev.rekindle.orchestrator.policy.estimate.LatencyCurve;
import dev.rekindle.orchestrator.policy.estimate.Statistics;
import java.util.Arrays;

/**
 * Whether it is worth looking beyond the highest request number that was seen. Costs and gains are
 * nanoseconds.
 *
 * @param worth whether the gain exceeds the cost
 * @param falling whether the fall that is seen pays for it, without surprises and luck
 * @param gain what it is expected to save in all
 * @param cost what it costs in all: checkpoints, and lives that are worse than the best
 */
record Outlook(boolean worth, boolean falling, double gain, double cost) {
  /** A fall goes on with this share of its speed. */
  static final double CONTINUES = 0.9;

  /** By which share latency falls when it falls unexpectedly: a compiler at work. */
  static final double SURPRISING_DROP = 0.5;

  /** Half as many requests again, in octaves. */
  private static final double HALF_AS_MANY = Math.log(1.5) / Math.log(2);

  /** What is believed of halvings before the curve is seen weighs as much as so many octaves. */
  private static final double BELIEF_OCTAVES = 4;

  /** The least spread of the best of many, as a share of the spread of one. */
  private static final double LEAST_OF_BEST = 0.3;

  /** So many stretches are too few to know their spread. */
  private static final int FEW = 12;

  /** Beyond so many steps there is nothing that luck alone would pay for. */
  private static final int MOST_STEPS = 200;

  /**
   * What is expected of looking further.
   *
   * @param now what a life costs beyond its restore, by the trend where lives start now
   * @param best the same from the best start, by its own estimate
   * @param step what one step costs: a checkpoint, and a life that is worse than the best
   * @param meanLength requests in a life
   * @param usualLength what half of the lives reach
   * @param lives how many lives are left
   * @param believed halvings of latency in an octave, as believed before the curve is seen
   */
  record Question(
      double now,
      double best,
      double step,
      double meanLength,
      long usualLength,
      double lives,
      double believed) {}

  /** Weighs the trend and surprises first, then luck alone. */
  static Outlook of(LatencyCurve curve, Question question) {
    long steps =
        Math.max(1, (curve.highest() / 2 + question.usualLength() - 1) / question.usualLength());
    double cost = steps * question.step();
    double falling = ifItGoesOn(curve, question);
    double gain = falling + ifItSurprises(curve.course(), question);
    return gain > cost ? new Outlook(true, falling > cost, gain, cost) : byLuck(curve, question);
  }

  /**
   * What is gained within half as many requests again if the curve goes on as it did. Compares
   * trends: whoever is lucky with the best start so far may be lucky again further on.
   */
  private static double ifItGoesOn(LatencyCurve curve, Question question) {
    LatencyCourse course = curve.course();
    double level = atTheHighest(course, question) * (1 - CONTINUES * course.drop());
    double doubt = curve.doubt(curve.highest() * 2 / 3, curve.highest()) * level;
    return question.lives() * Math.max(0, question.now() - level - doubt);
  }

  /** What may be gained if it falls when nobody expects it. */
  private static double ifItSurprises(LatencyCourse course, Question question) {
    double level = atTheHighest(course, question) * (1 - SURPRISING_DROP);
    double chance = chanceOfSurprise(course, question.believed());
    return question.lives() * chance * Math.max(0, question.now() - level);
  }

  /**
   * The chance that latency falls unexpectedly within half as many requests again.
   *
   * @param believed halvings of latency in an octave, as believed before the curve is seen
   */
  static double chanceOfSurprise(LatencyCourse course, double believed) {
    return 1 - Math.exp(-course.halvings(believed, BELIEF_OCTAVES) * HALF_AS_MANY);
  }

  private static double atTheHighest(LatencyCourse course, Question question) {
    return question.meanLength() * course.level() * Math.sqrt(1 - course.drop());
  }

  /**
   * What may be gained if what comes is like what was seen of late: the more stretches, the better
   * the best of them. The number of steps is the one that pays best.
   */
  private static Outlook byLuck(LatencyCurve curve, Question question) {
    LatencyCurve.Stretches alike = curve.stretches(Math.max(1, Math.round(question.meanLength())));
    double level = question.meanLength() * alike.level();
    double spread = level * alike.spread();
    Outlook found = new Outlook(false, false, 0, question.step());
    double score = 0;
    for (long steps = 1; steps < question.lives() && steps < MOST_STEPS; steps *= 2) {
      double stretches = Math.max(1, steps * question.usualLength() / question.meanLength());
      double least = level + spread * Statistics.expectedLeast(stretches);
      double deviation = spread * Math.max(LEAST_OF_BEST, 1 / Math.sqrt(1 + Math.log(stretches)));
      double saved = Statistics.expectedExcess(question.best() - least, deviation);
      double gain = (question.lives() - steps) * saved;
      double cost = steps * question.step();
      if (gain > score * cost) {
        score = gain / cost;
        found = new Outlook(gain > cost, false, gain, cost);
      }
    }
    double ofFew = gapOfTheBest(curve, question);
    boolean fewPay =
        ofFew > question.step() && ofFew * found.cost() > found.gain() * question.step();
    return fewPay ? new Outlook(true, false, ofFew, question.step()) : found;
  }

  /**
   * The same where there are too few stretches to know their spread: of n + 1 alike the last is the
   * best with chance 1 / (n + 1), and then better than the second by about what lies between the
   * best ones now. 0 where there are enough.
   */
  private static double gapOfTheBest(LatencyCurve curve, Question question) {
    long length = question.usualLength();
    int count = (int) Math.min(FEW + 1, curve.highest() / length);
    if (count < 3 || count > FEW) {
      return 0;
    }
    double[] stretches = new double[count];
    Arrays.setAll(stretches, i -> curve.sumTo((i + 1) * length) - curve.sumTo(i * length));
    Arrays.sort(stretches);
    return (stretches[2] - stretches[0]) / 2 / (count + 1) * question.lives();
  }
}
