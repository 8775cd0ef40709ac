package dev.rekindle.orchestrator.simulator;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Curves that nobody recorded, of the shapes that latencies take, each made from a seed. One is
 * named {@code made-up:SHAPE:SEED}, and the name alone makes it again.
 */
final class MadeUpCurves {
  /** What such a curve's name begins with. */
  static final String PREFIX = "made-up:";

  private static final int FORM_OF_NAME = 3;
  private static final double NANOS_PER_MS = 1e6;

  /** How latency goes over the life of a process. */
  enum Shape {
    /** Stays as it is, after a first request that may be slower. */
    FLAT,
    /** Falls to a level, fast or slowly: caches fill. */
    FALLING,
    /** Falls by one step, late: a compiler finishes. */
    LATE,
    /** Falls by several steps: a compiler in tiers. */
    STEPS,
    /** Rises: a leak. */
    RISING,
    /** Falls, then rises. */
    VALLEY,
    /** Is so noisy that one request tells little. */
    NOISY,
    /** Now and then a request takes many times as long: a collector at work. */
    PAUSES,
    /** Changes in the middle of the record, for better or worse. */
    CHANGE
  }

  private MadeUpCurves() {}

  /** The name of a curve. */
  static String name(Shape shape, long seed) {
    return PREFIX + shape.name().toLowerCase(Locale.ROOT) + ":" + seed;
  }

  /**
   * The curve of a name.
   *
   * @throws IllegalArgumentException if it names none
   */
  static Curve named(String name) {
    String[] parts = name.split(":", -1);
    List<Shape> shapes = Arrays.asList(Shape.values());
    for (Shape shape : shapes) {
      if (parts.length == FORM_OF_NAME && name(shape, 0).equals(PREFIX + parts[1] + ":0")) {
        try {
          return make(shape, Long.parseLong(parts[2]));
        } catch (NumberFormatException e) {
          throw refused(name, shapes);
        }
      }
    }
    throw refused(name, shapes);
  }

  private static IllegalArgumentException refused(String name, List<Shape> shapes) {
    return new IllegalArgumentException(
        "'%s' names no curve: write made-up:SHAPE:SEED with a whole number and one of %s"
            .formatted(
                name,
                shapes.stream()
                    .map(shape -> shape.name().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(", "))));
  }

  /** Makes a curve. */
  static Curve make(Shape shape, long seed) {
    SplittableRandom random = new SplittableRandom(1_000_003L * shape.name().hashCode() + seed);
    int length = (int) Math.round(between(random, 200, 4000));
    double level = between(random, 1.5, 150) * NANOS_PER_MS;
    double noise = shape == Shape.NOISY ? between(random, 0.25, 0.6) : between(random, 0.015, 0.15);
    double first = random.nextBoolean() ? 1 : between(random, 1.5, 12);
    double[] course = course(shape, length, random);
    double pauses = shape == Shape.PAUSES ? between(random, 0.005, 0.08) : 0;
    double pause = between(random, 3, 20);
    long[] nanos = new long[length];
    for (int i = 0; i < length; i++) {
      double value = level * course[i] * Math.exp(noise * random.nextGaussian());
      value *= random.nextDouble() < pauses ? pause : 1;
      nanos[i] = Math.max(1_000, Math.round(i == 0 ? value * first : value));
    }
    return Curve.of(name(shape, seed), nanos);
  }

  /** Latency by request as a multiple of a level, without noise. */
  private static double[] course(Shape shape, int length, RandomGenerator random) {
    double[] course = new double[length];
    double excess = between(random, 0.3, 12);
    double pace = between(random, 2, length / 4.0);
    boolean power = random.nextBoolean();
    double exponent = 0.3 + random.nextDouble();
    double step = between(random, 20, length * 0.7);
    double share = 0.2 + 0.7 * random.nextDouble();
    double slope = between(random, 0.3, 4) / length;
    boolean up = random.nextBoolean();
    double[] places = {0, 0, 0};
    double[] heights = {0, 0, 0};
    for (int i = 0; i < places.length; i++) {
      places[i] = between(random, 4, length * 0.6);
      heights[i] = between(random, 0.2, 3);
    }
    for (int i = 0; i < length; i++) {
      double fall = power ? excess * Math.pow(i + 1.0, -exponent) : excess * Math.exp(-i / pace);
      course[i] =
          switch (shape) {
            case FLAT, PAUSES -> 1;
            case FALLING -> 1 + fall;
            case NOISY -> up ? 1 : 1 + fall;
            case LATE -> i < step ? 1 : share;
            case STEPS -> 1 + sumOfStepsAfter(i, places, heights);
            case RISING -> 1 + slope * i;
            case VALLEY -> 1 + fall + slope * i;
            case CHANGE -> i < length / 2 ? 1 : up ? 2 - share : share;
          };
    }
    return course;
  }

  private static double sumOfStepsAfter(int request, double[] places, double[] heights) {
    double sum = 0;
    for (int i = 0; i < places.length; i++) {
      sum += request < places[i] ? heights[i] : 0;
    }
    return sum;
  }

  /** Draws from a range, each doubling alike. */
  static double between(RandomGenerator random, double low, double high) {
    return low * Math.exp(random.nextDouble() * Math.log(high / low));
  }
}
