package dev.rekindle.orchestrator.policy;

/**
 * Tells when latencies no longer are what they were, and stay so. Noise of real machines comes in
 * spells that look like a change ({@link Shift}) and pass; what is known of a function outlives
 * them. So after an alarm the level is looked at once more, some requests later.
 */
final class LastingShift {
  /** So many requests lie between the alarm and the second look... */
  private static final int TRIAL = 1_000;

  /** ...where one that tells the level counts for so many. */
  private static final int TOLD = 10;

  /** The level before the alarm is known from about so many requests. */
  private static final double MEMORY = 200;

  /** A change by a smaller factor is not worth learning anew: a third. */
  private static final double LEAST = Math.log(4 / 3.0);

  /** What the drift may have jumped by at an alarm, as a variance. */
  private static final double JUMP = 0.25;

  private final Shift shift = new Shift();
  private double usual;
  private double requests;
  private int trial;

  /**
   * Whether it is certain now.
   *
   * @param seen what a request took
   * @param expected what it was to take
   * @param told whether this request told the level
   */
  boolean sees(double seen, double expected, boolean told, Drift drift) {
    if (trial > 0) {
      trial -= told ? TOLD : 1;
      boolean over = trial <= 0;
      if (over) {
        shift.clear();
      }
      return over && Math.abs(drift.log() - usual) > LEAST;
    }
    if (shift.sees(seen, expected)) {
      trial = TRIAL;
      drift.jumps(JUMP);
      return false;
    }
    requests = Math.min(MEMORY, requests + 1);
    usual += (drift.log() - usual) / requests;
    return false;
  }

  /** Begins anew, after a change. */
  void clear() {
    requests = 0;
  }
}
