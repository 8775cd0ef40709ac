package dev.rekindle.orchestrator.policy.adaptive;

import dev.rekindle.orchestrator.policy.estimate.Drift;

/**
 * Tells when latencies no longer are what they were, and stay so. Noise of real machines comes in
 * spells that look like a change ({@link Shift}) and pass; what is known of a function outlives
 * them. So an alarm begins a trial, and at its end it counts whether the level has moved since
 * before, or requests still are not what they were to be.
 */
public final class LastingShift {
  /** So many requests lie between the alarm and the second look... */
  private static final int TRIAL = 1_000;

  /** ...where one that tells the level counts for so many. */
  private static final int TOLD = 10;

  /** The level before the alarm is known from about so many requests. */
  private static final double MEMORY = 200;

  /** A change by a smaller factor is not worth learning anew: a third. */
  private static final double LEAST = Math.log(4 / 3.0);

  /** A single request in a trial counts at most as a factor of e. */
  private static final double LIMIT = 1;

  /** What the drift may have jumped by at an alarm, as a variance. */
  private static final double JUMP = 0.25;

  private final Shift shift = new Shift();
  private double usual;
  private double requests;
  private int trial;
  private double off;
  private double tried;

  /**
   * Whether it is certain now.
   *
   * @param seen what a request took, in nanoseconds
   * @param expected what it was to take
   * @param told whether this request told the level
   */
  boolean sees(double seen, double expected, boolean told, Drift drift) {
    if (trial > 0) {
      return second(seen, expected, told, drift);
    }
    if (shift.sees(seen, expected)) {
      trial = TRIAL;
      off = 0;
      tried = 0;
      drift.jumps(JUMP);
      return false;
    }
    requests = Math.min(MEMORY, requests + 1);
    usual += (drift.log() - usual) / requests;
    return false;
  }

  private boolean second(double seen, double expected, boolean told, Drift drift) {
    trial -= told ? TOLD : 1;
    if (seen > 0 && expected > 0) {
      tried++;
      off += (Math.max(-LIMIT, Math.min(LIMIT, Math.log(seen / expected))) - off) / tried;
    }
    if (trial > 0) {
      return false;
    }
    shift.rest();
    return Math.abs(drift.log() - usual) > LEAST || Math.abs(off) > LEAST;
  }

  /** Begins anew, after a change. */
  void clear() {
    shift.clear();
    requests = 0;
  }
}
