package dev.rekindle.api;

import java.time.Instant;
import java.util.List;

/**
 * What callers and host would have been spared, had the shadow been in force. Both sides are
 * reckoned with the same latency curve and the same costs of starts and checkpoints.
 *
 * @param since when the comparison began
 * @param requests how many requests it covers
 * @param totalMs what the shadow would have saved in all; negative if it would have cost more
 * @param perRequestMs the same for each request
 * @param standardErrorMs how uncertain {@code totalMs} is
 * @param unobservedShare share of the shadow's requests with request numbers that no instance has
 *     reached: there the estimate rests on the trend before them
 * @param assumed which of {@code boot}, {@code restore} and {@code checkpoint} were never measured,
 *     so that a rule of thumb stands for them
 * @param inForce what the policy in force cost
 * @param shadow what the policy in its shadow would have cost
 */
public record ShadowGain(
    Instant since,
    long requests,
    double totalMs,
    double perRequestMs,
    double standardErrorMs,
    double unobservedShare,
    List<String> assumed,
    PolicyCost inForce,
    PolicyCost shadow) {
  /** Copies the list. */
  public ShadowGain {
    assumed = List.copyOf(assumed);
  }
}
