package dev.rekindle.orchestrator.policy.estimate;

/**
 * How many times longer everything takes now than at first. Machines get busy and quiet, and a
 * service warms up: all request numbers get slower or faster together. The logarithm is followed as
 * a level that wanders, seen through noise whose variance is learnt (the local level model: Kalman,
 * "A New Approach to Linear Filtering and Prediction Problems", 1960).
 */
public final class Drift {
  /** Variance by which the logarithm wanders from one request to the next: 2 % of a latency. */
  private static final double WANDER = 0.02 * 0.02;

  /** Variance of the noise before it is known... */
  private static final double NOISE = 0.1;

  /** ...which counts as much as so many requests. */
  private static final double BELIEF = 4;

  /** The noise is known from so many of the last requests. */
  private static final double MEMORY = 100;

  /** A request counts for no more than so many standard deviations. */
  private static final double OUTLIER = 2.5;

  private double log;
  private double factor = 1; // asked for far more often than it changes
  private double doubt;
  private double noise = NOISE;
  private double seen = BELIEF;

  /** Another request has passed. */
  public void passes() {
    doubt += WANDER;
  }

  /** It may have changed at once, by about the root of this. */
  public void jumps(double variance) {
    doubt += variance;
  }

  /** A request took e to the power of this times what its like took at first. */
  public void sees(double off) {
    double variance = doubt + noise;
    double limit = OUTLIER * Math.sqrt(variance);
    double surprise = Math.max(-limit, Math.min(limit, off - log));
    double gain = doubt / variance;
    log += gain * surprise;
    factor = Math.exp(log);
    doubt *= 1 - gain;
    double rest = (1 - gain) * surprise;
    seen = Math.min(MEMORY, seen + 1);
    noise += (rest * rest - noise) / seen;
  }

  /** The logarithm of the factor. */
  public double log() {
    return log;
  }

  /** How many times longer it takes now. */
  public double factor() {
    return factor;
  }

  /** Variance of a request's logarithm around its level. */
  public double noise() {
    return noise;
  }
}
