package dev.rekindle.orchestrator.policy;

import dev.rekindle.api.CurvePoint;
import dev.rekindle.api.DecisionKind;
import dev.rekindle.api.PolicyBeliefs;
import dev.rekindle.api.PolicyDecision;
import dev.rekindle.api.ReadyWish;
import dev.rekindle.api.ShadowBeliefs;
import dev.rekindle.api.StartCandidate;
import dev.rekindle.orchestrator.policy.model.Beliefs;
import dev.rekindle.orchestrator.policy.model.Decision;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A policy's beliefs as the API tells them: bounded, and without numbers that JSON has not. */
final class BeliefsReply {
  /** Blocks of a curve widen by a fifth: these reach beyond any request number. */
  private static final int MOST_POINTS = 200;

  private static final int MOST_CANDIDATES = 100;
  private static final int MOST_DECISIONS = 50;

  private BeliefsReply() {}

  static PolicyBeliefs of(
      String policy, Beliefs beliefs, ReadyWish wish, @Nullable ShadowBeliefs shadow) {
    return new PolicyBeliefs(
        policy,
        beliefs.curve().stream().limit(MOST_POINTS).map(BeliefsReply::point).toList(),
        beliefs.pool().stream().limit(MOST_CANDIDATES).map(BeliefsReply::candidate).toList(),
        decisions(beliefs.decisions()),
        numbers(beliefs.numbers()),
        wish,
        shadow);
  }

  private static CurvePoint point(Beliefs.CurvePoint point) {
    return new CurvePoint(
        point.fromRequest(),
        point.toRequest(),
        finite(point.samples()),
        finite(point.meanMs()),
        known(point.standardErrorMs()),
        known(point.p90Ms()));
  }

  private static StartCandidate candidate(Beliefs.Candidate candidate) {
    return new StartCandidate(
        candidate.snapshot(), candidate.request(), known(candidate.scoreMs()), candidate.lives());
  }

  private static List<PolicyDecision> decisions(List<Decision> decisions) {
    return decisions.stream()
        .limit(MOST_DECISIONS)
        .map(
            each ->
                new PolicyDecision(
                    each.at(),
                    kind(each.kind()),
                    each.snapshot(),
                    each.request(),
                    each.reason(),
                    finite(each.gainMs()),
                    finite(each.costMs())))
        .toList();
  }

  private static DecisionKind kind(Decision.Kind kind) {
    return switch (kind) {
      case START -> DecisionKind.START;
      case CHECKPOINT -> DecisionKind.CHECKPOINT;
      case NO_CHECKPOINT -> DecisionKind.NO_CHECKPOINT;
      case PRUNE -> DecisionKind.PRUNE;
      case RELEARN -> DecisionKind.RELEARN;
    };
  }

  private static Map<String, Double> numbers(Map<String, Double> numbers) {
    Map<String, Double> told = new TreeMap<>(numbers);
    told.values().removeIf(value -> !Double.isFinite(value));
    return told;
  }

  private static @Nullable Double known(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static double finite(double value) {
    return Double.isFinite(value) ? value : 0;
  }
}
