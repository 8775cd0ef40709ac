package dev.rekindle.orchestrator.policy.adaptive;

/**
 * Tells when latencies no longer are what they were: Page's two-sided cumulative sum (Page,
 * "Continuous inspection schemes", Biometrika 1954) over the logarithm of seen by expected, in
 * units of its usual size, so that neither the unit of time nor the noise of a function matters.
 */
public final class Shift {
  /** Smaller shifts, in standard deviations, are let pass. */
  private static final double ALLOWANCE = 0.5;

  /**
   * About one false alarm in exp(2 x 0.5 x 16), or nine million, requests of normal noise. Noise of
   * real machines comes in spells, so each alarm doubles what the next one takes.
   */
  private static final double ALARM = 16;

  /** One request counts at most this much: a single outlier is no shift. */
  private static final double LIMIT = 2;

  /** Nothing below this share is worth learning anew. */
  private static final double LEAST_SPREAD = 0.03;

  private static final double MEMORY = 200;

  private double count;
  private double spread;
  private double alarm = ALARM;
  private double up;
  private double down;

  /** Whether this sample makes it certain that something has changed. */
  public boolean sees(double seen, double expected) {
    if (seen <= 0 || expected <= 0) {
      return false;
    }
    double off = Math.log(seen / expected);
    double unit = Math.max(LEAST_SPREAD, 1.25 * spread);
    double z = Math.max(-LIMIT, Math.min(LIMIT, off / unit));
    count = Math.min(MEMORY, count + 1);
    spread += (Math.min(Math.abs(off), 3 * unit) - spread) / count;
    up = Math.max(0, up + z - ALLOWANCE);
    down = Math.max(0, down - z - ALLOWANCE);
    return up > alarm || down > alarm;
  }

  /** Starts over after a change: the next one takes twice as much. */
  public void clear() {
    alarm *= 2;
    count = 0;
    spread = 0;
    rest();
  }

  /** Starts over after an alarm that was none. */
  void rest() {
    up = 0;
    down = 0;
  }
}
