package dev.rekindle.orchestrator.simulator;

/** The standard normal distribution. */
final class Normal {
  private static final int STEPS = 60;

  private Normal() {}

  /** The quantile, by bisection of the distribution function; good to nine digits. */
  static double quantile(double share) {
    double low = -8;
    double high = 8;
    for (int i = 0; i < STEPS; i++) {
      double middle = (low + high) / 2;
      if (below(middle) < share) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return (low + high) / 2;
  }

  /** The distribution function, by its power series (Abramowitz and Stegun 26.2.11). */
  static double below(double x) {
    if (Math.abs(x) > 7.5) {
      return x < 0 ? 0 : 1;
    }
    double term = x;
    double sum = x;
    for (int i = 3; Math.abs(term) > 1e-16 * Math.abs(sum); i += 2) {
      term *= x * x / i;
      sum += term;
    }
    return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }
}
