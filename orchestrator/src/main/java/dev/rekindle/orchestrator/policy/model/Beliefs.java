package dev.rekindle.orchestrator.policy.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a policy holds to be true, as numbers. A policy that learns nothing has empty lists.
 *
 * @param curve latency by request number
 * @param pool what it may start from, best first
 * @param decisions its last decisions, newest first
 * @param numbers single estimates by name, with their unit in the name
 */
public record Beliefs(
    List<CurvePoint> curve,
    List<Candidate> pool,
    List<Decision> decisions,
    Map<String, Double> numbers) {
  /** Copies the lists. */
  public Beliefs {
    curve = List.copyOf(curve);
    pool = List.copyOf(pool);
    decisions = List.copyOf(decisions);
    numbers = Map.copyOf(numbers);
  }

  /** No beliefs. */
  public static final Beliefs NONE = new Beliefs(List.of(), List.of(), List.of(), Map.of());

  /**
   * The latency of some neighbouring request numbers.
   *
   * @param fromRequest the first of them
   * @param toRequest the last of them
   * @param samples how many invocations this rests on
   * @param meanMs their mean, outliers bounded
   * @param standardErrorMs how uncertain the mean is; NaN where the policy does not know
   * @param p90Ms what nine of ten stayed below; NaN where the policy does not know
   */
  public record CurvePoint(
      long fromRequest,
      long toRequest,
      double samples,
      double meanMs,
      double standardErrorMs,
      double p90Ms) {}

  /**
   * Something to start from.
   *
   * @param snapshot its id; null for a cold start
   * @param request how many requests it has behind it
   * @param scoreMs what a request costs its caller on average when instances start from it; lower
   *     is better; NaN where the policy does not score it
   * @param lives how many lives were observed
   */
  public record Candidate(@Nullable String snapshot, long request, double scoreMs, long lives) {}
}
