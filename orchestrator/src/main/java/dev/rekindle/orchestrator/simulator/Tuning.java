package dev.rekindle.orchestrator.simulator;

import dev.rekindle.api.InvalidFieldException;
import dev.rekindle.api.ParameterType;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.PolicyParameter;
import dev.rekindle.orchestrator.policy.Policies;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A random search that narrows: the first half of the trials draws anywhere in the parameters'
 * ranges, the second half near the best so far. What it finds is checked, pair by pair, on fresh
 * seeds and on curves that might have been recorded instead, so that a lucky trial does not pass
 * for a good one.
 */
final class Tuning {
  /** Wider ranges than this ratio are drawn from by their logarithm. */
  private static final double WIDE = 100;

  /** How far from the best a later trial goes, as a share of the range. */
  private static final double NEAR = 0.15;

  private static final long FRESH = 1_000_003;

  private final Experiment experiment;
  private final Policies policies;
  private final PolicyChoice plain;
  private final List<PolicyParameter> numbers;
  private final long seed;
  private final SplittableRandom random;

  /**
   * What a search found.
   *
   * @param plain the choice that it began with
   * @param best the best choice
   * @param trials how many were tried
   * @param runs how many runs checked it
   * @param plainSeconds mean total of the first choice in the check
   * @param tunedSeconds mean total of the best in the check
   * @param better in how many runs of the check the best was better
   * @param leastGain the least share saved in one run
   * @param mostGain the greatest share saved in one run
   * @param chance how probable so many better runs are if both are equally good (sign test)
   */
  record Result(
      PolicyChoice plain,
      PolicyChoice best,
      int trials,
      int runs,
      double plainSeconds,
      double tunedSeconds,
      int better,
      double leastGain,
      double mostGain,
      double chance) {}

  Tuning(Experiment experiment, Policies policies, PolicyChoice plain, long seed) {
    this.experiment = experiment;
    this.policies = policies;
    this.plain = plain;
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.numbers =
        policies.descriptions().stream()
            .filter(each -> each.name().equals(plain.name()))
            .flatMap(each -> each.parameters().stream())
            .filter(each -> each.type() == ParameterType.NUMBER)
            .filter(each -> !plain.parameters().containsKey(each.name()))
            .toList();
  }

  /** Searches. A trial is compared by the mean of the same seeds. */
  Result search(int trials, int runs) {
    PolicyChoice best = plain;
    double bestSeconds = mean(plain, seed, runs);
    for (int i = 1; i < trials && !numbers.isEmpty(); i++) {
      PolicyChoice trial = i < trials / 2 ? anywhere() : near(best);
      double seconds;
      try {
        seconds = mean(trial, seed, runs);
      } catch (InvalidFieldException e) {
        continue; // parameters that exclude each other
      }
      if (seconds < bestSeconds) {
        best = trial;
        bestSeconds = seconds;
      }
    }
    return check(best, trials, Math.max(runs, 10));
  }

  private double mean(PolicyChoice choice, long from, int runs) {
    double sum = 0;
    for (int i = 0; i < runs; i++) {
      sum += experiment.run(policies, choice, from + i).totalSeconds();
    }
    return sum / runs;
  }

  private Result check(PolicyChoice best, int trials, int runs) {
    int better = 0;
    int worse = 0;
    double plainSum = 0;
    double bestSum = 0;
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < runs; i++) {
      long fresh = seed + FRESH + i;
      Experiment other = experiment.resampled(fresh);
      double before = other.run(policies, plain, fresh).totalSeconds();
      double after = other.run(policies, best, fresh).totalSeconds();
      plainSum += before;
      bestSum += after;
      better += after < before ? 1 : 0;
      worse += after > before ? 1 : 0;
      least = Math.min(least, 1 - after / before);
      most = Math.max(most, 1 - after / before);
    }
    return new Result(
        plain,
        best,
        trials,
        runs,
        plainSum / runs,
        bestSum / runs,
        better,
        least,
        most,
        signTest(better, better + worse));
  }

  /** The probability of at least so many heads. */
  static double signTest(int heads, int throwsInAll) {
    double term = Math.pow(0.5, throwsInAll);
    double sum = 0;
    for (int k = 0; k <= throwsInAll; k++) {
      if (k >= heads) {
        sum += term;
      }
      term = term * (throwsInAll - k) / (k + 1);
    }
    return Math.min(1, sum);
  }

  private PolicyChoice anywhere() {
    Map<String, Object> values = new LinkedHashMap<>(plain.parameters());
    for (PolicyParameter each : numbers) {
      values.put(each.name(), at(each, random.nextDouble()));
    }
    return new PolicyChoice(plain.name(), values);
  }

  private PolicyChoice near(PolicyChoice best) {
    Map<String, Object> values = new LinkedHashMap<>(plain.parameters());
    for (PolicyParameter each : numbers) {
      Object value = best.parameters().getOrDefault(each.name(), each.defaultValue());
      double place = place(each, ((Number) value).doubleValue());
      double moved = place + NEAR * (2 * random.nextDouble() - 1);
      values.put(each.name(), at(each, Math.max(0, Math.min(1, moved))));
    }
    return new PolicyChoice(plain.name(), values);
  }

  private static double low(PolicyParameter parameter) {
    Double minimum = parameter.minimum();
    return minimum == null ? 0 : minimum;
  }

  /** Beyond a thousand times the default lies nothing that is worth a trial. */
  private static double high(PolicyParameter parameter) {
    double usual = Math.max(1, ((Number) parameter.defaultValue()).doubleValue());
    Double maximum = parameter.maximum();
    return Math.min(maximum == null ? Double.MAX_VALUE : maximum, 1000 * usual);
  }

  /** The value at a place from 0 to 1 in the range. */
  private static Object at(PolicyParameter parameter, double place) {
    double low = low(parameter);
    double high = high(parameter);
    boolean wide = high > WIDE * Math.max(1, low);
    double value =
        wide ? (low + 1) * Math.pow((high + 1) / (low + 1), place) - 1 : low + (high - low) * place;
    value = Math.max(low, Math.min(high, value));
    return parameter.defaultValue() instanceof Long ? (Object) Math.round(value) : (Object) value;
  }

  private static double place(PolicyParameter parameter, double value) {
    double low = low(parameter);
    double high = high(parameter);
    boolean wide = high > WIDE * Math.max(1, low);
    return wide
        ? Math.log((value + 1) / (low + 1)) / Math.log((high + 1) / (low + 1))
        : (value - low) / (high - low);
  }
}
