package dev.rekindle.orchestrator.simulator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Functions with the statistics of Azure's traces, published in Shahrad et al., "Serverless in the
 * Wild" (ATC '20). Each quantity is drawn from evenly spread quantiles in random order, so that a
 * fleet of hundreds has the shape of one of millions. What that paper does not tell is made up:
 * starts, warm-up and how the quantities go together (not at all).
 */
final class Fleet {
  /** The traces cover two weeks. */
  static final double HOURS = 14 * 24;

  /**
   * More arrivals of one function teach little. Of busier ones a part is simulated, so many times
   * as long as a boot and a request take: after half of it as many instances are there as it takes.
   */
  static final int ENOUGH_ARRIVALS = 300;

  private static final int MOST_ARRIVALS = 20_000;
  private static final double SETTLING = 20;

  private static final int LEAST_ARRIVALS = 3;

  /** Rates, requests an hour: from one a day, over eight orders of magnitude. */
  static final double SLOWEST = 1.0 / 24;

  static final double FASTEST = SLOWEST * 1e8;
  static final double HOURLY_SHARE = 0.45;
  static final double MINUTELY_SHARE = 0.814;

  /** Bounded Pareto above one a minute, so that these make 99.6 % of all requests. */
  private static final double BUSY_EXPONENT = 0.61;

  /** Mean durations: log-normal in ln seconds. */
  static final double DURATION_MU = -0.38;

  static final double DURATION_SIGMA = 2.36;

  /** Memory: Burr XII in MB. */
  static final double BURR_C = 11.652;

  static final double BURR_K = 0.221;
  static final double BURR_LAMBDA = 107.083;

  /** Share of functions whose gaps vary more than a Poisson process's. */
  static final double BURSTY_SHARE = 0.40;

  private static final double MOST_INSTANCES = 100;
  private static final int DRAWS = 200;
  private static final int CURVE_LENGTH = 200;
  private static final double NOISE = 0.1;

  private Fleet() {}

  static List<FleetFunction> make(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] rates = quantiles(count, random);
    for (int i = 0; i < count; i++) {
      rates[i] = rate((rates[i] * count - 0.5) / (count - 1)); // both ends are in the fleet
    }
    double[] durations = durations(rates, random);
    double[] memories = quantiles(count, random);
    double[] variations = quantiles(count, random);
    List<FleetFunction> functions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double perHour = rates[i];
      double meanSeconds = durations[i];
      double memoryMb = memory(memories[i]);
      Costs costs = costs(memoryMb, random);
      double settling = SETTLING * (meanSeconds + costs.coldMs() / 1e3) * perHour / 3600;
      long all = Math.round(perHour * HOURS);
      long part = (long) Math.max(ENOUGH_ARRIVALS, Math.min(MOST_ARRIVALS, settling));
      int size = (int) Math.max(LEAST_ARRIVALS, Math.min(all, part));
      functions.add(
          new FleetFunction(
              "f" + i,
              perHour,
              meanSeconds,
              memoryMb,
              curve("f" + i, meanSeconds, random),
              costs,
              arrivals(perHour, variation(variations[i]), size, random),
              size < all ? size / 2 : 0));
    }
    return functions;
  }

  /**
   * Seconds for each function, busiest first, drawn again where it would need more than a hundred
   * instances at once: no provider's busiest function runs for minutes.
   */
  private static double[] durations(double[] rates, SplittableRandom random) {
    int count = rates.length;
    double[] left = quantiles(count, random);
    for (int i = 0; i < count; i++) {
      left[i] = Math.exp(DURATION_MU + DURATION_SIGMA * Normal.quantile(left[i]));
    }
    Integer[] busiest = new Integer[count];
    Arrays.setAll(busiest, i -> i);
    Arrays.sort(busiest, Comparator.comparingDouble(i -> -rates[i]));
    double[] durations = new double[count];
    for (int rank = 0; rank < count; rank++) {
      int end = count - rank;
      int chosen = random.nextInt(end);
      for (int tries = 0; tries < DRAWS; tries++) {
        int other = random.nextInt(end);
        double most = MOST_INSTANCES * 3600 / rates[busiest[rank]];
        if (left[chosen] > most && left[other] < left[chosen]) {
          chosen = other;
        }
      }
      durations[busiest[rank]] = left[chosen];
      left[chosen] = left[end - 1];
    }
    return durations;
  }

  private static double[] quantiles(int count, SplittableRandom random) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      int j = random.nextInt(i + 1);
      values[i] = values[j];
      values[j] = (i + 0.5) / count;
    }
    return values;
  }

  /** Requests an hour at a quantile. */
  static double rate(double quantile) {
    if (quantile < HOURLY_SHARE) {
      return SLOWEST * Math.pow(1 / SLOWEST, quantile / HOURLY_SHARE);
    }
    if (quantile < MINUTELY_SHARE) {
      return Math.pow(60, (quantile - HOURLY_SHARE) / (MINUTELY_SHARE - HOURLY_SHARE));
    }
    double u = (quantile - MINUTELY_SHARE) / (1 - MINUTELY_SHARE);
    double bound = 1 - Math.pow(60 / FASTEST, BUSY_EXPONENT);
    return 60 * Math.pow(1 - u * bound, -1 / BUSY_EXPONENT);
  }

  /** MB at a quantile. */
  static double memory(double quantile) {
    return BURR_LAMBDA * Math.pow(Math.pow(1 - quantile, -1 / BURR_K) - 1, 1 / BURR_C);
  }

  /** Timers at one end, bursts at the other. */
  private static double variation(double quantile) {
    double calm = 1 - BURSTY_SHARE;
    return quantile < calm ? 0.8 * quantile / calm : 2 + 3 * (quantile - calm) / BURSTY_SHARE;
  }

  private static Arrivals arrivals(
      double perHour, double variation, int size, SplittableRandom random) {
    double sigma = Math.sqrt(Math.log(1 + variation * variation));
    double meanNanos = 3.6e12 / perHour;
    long[] arrivals = new long[size];
    double at = meanNanos * random.nextDouble();
    for (int i = 0; i < size; i++) {
      arrivals[i] = Math.round(at);
      at += meanNanos * Math.exp(sigma * random.nextGaussian() - sigma * sigma / 2);
    }
    return new Arrivals(arrivals);
  }

  private static Curve curve(String name, double meanSeconds, SplittableRandom random) {
    double excess = 4 * random.nextDouble();
    double decay = Math.exp(5 * random.nextDouble());
    long[] nanos = new long[CURVE_LENGTH];
    for (int i = 0; i < CURVE_LENGTH; i++) {
      double warmUp = 1 + excess * Math.exp(-i / decay);
      nanos[i] = Math.round(1e9 * meanSeconds * warmUp * Math.exp(NOISE * random.nextGaussian()));
    }
    return Curve.of(name, nanos);
  }

  private static Costs costs(double memoryMb, SplittableRandom random) {
    double coldMs = Math.max(70, Math.min(3000, 500 * Math.exp(0.8 * random.nextGaussian())));
    return new Costs(coldMs, 10 + 0.05 * memoryMb, 50 + memoryMb, memoryMb);
  }
}
