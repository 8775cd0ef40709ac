package dev.rekindle.loadtests.run;

import org.jspecify.annotations.Nullable;

/**
 * One start, measured. What could not be measured is null.
 *
 * @param firstResponseMs from asking for the start until the first response is there
 * @param restoreMs what the restore took of that, as the one who restored it says
 * @param privateMb memory that the process alone maps, in 10^6 bytes
 * @param sharedMb memory that other processes map too
 * @param readMb bytes that were read to bring memory back
 */
public record Measurement(
    double firstResponseMs,
    @Nullable Double restoreMs,
    @Nullable Double privateMb,
    @Nullable Double sharedMb,
    @Nullable Double readMb) {
  /** A start of which nothing but its time is known. */
  public static Measurement ofTime(double firstResponseMs) {
    return new Measurement(firstResponseMs, null, null, null, null);
  }
}
