package dev.rekindle.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a function's policy holds to be true, and what it decided lately. A policy that learns
 * nothing has no curve.
 *
 * @param policy the policy's name
 * @param curve latency by request number, at most 200 points
 * @param pool what it may start from, best first, at most 100 entries
 * @param decisions its last decisions, newest first, at most 50
 * @param numbers single estimates by name, with their unit in the name
 * @param wish what it wants kept ready
 * @param shadow the policy in its shadow, where there is one
 */
public record PolicyBeliefs(
    String policy,
    List<CurvePoint> curve,
    List<StartCandidate> pool,
    List<PolicyDecision> decisions,
    Map<String, Double> numbers,
    ReadyWish wish,
    @Nullable ShadowBeliefs shadow) {
  /** Copies the lists. */
  public PolicyBeliefs {
    curve = List.copyOf(curve);
    pool = List.copyOf(pool);
    decisions = List.copyOf(decisions);
    numbers = Map.copyOf(numbers);
  }
}
