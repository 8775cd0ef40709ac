package dev.rekindle.orchestrator.policy.adaptive;

import dev.rekindle.orchestrator.policy.model.StartPlan;

/**
 * Holds {@link AdaptivePolicy} back from making one better snapshot after another: estimates are
 * noise in part, so some place looks better than all before again and again. After one was made, or
 * is not thought worth it any more, the next one waits until the requests have doubled, unless that
 * one has kept its promise.
 */
public final class Builds {
  /** Request numbers that differ by a smaller share are neighbours. */
  private static final double NEAR = 0.1;

  private long target = StartPlan.NO_CHECKPOINT;
  private double next;

  /** Whether the way to a snapshot of this request number may be gone, or gone on with. */
  boolean mayGoTo(long wanted, double requests) {
    if (wanted == StartPlan.NO_CHECKPOINT || (!isNear(wanted) && arePutOff(requests))) {
      return false;
    }
    target = wanted;
    return true;
  }

  /** Estimates move the best place to and fro; a neighbour is as good. */
  private boolean isNear(long wanted) {
    return target != StartPlan.NO_CHECKPOINT
        && wanted != StartPlan.NO_CHECKPOINT
        && Math.abs(wanted - target) <= NEAR * Math.max(wanted, target);
  }

  /** Whether no other one may be begun yet. */
  boolean arePutOff(double requests) {
    return requests < next;
  }

  /** What is thought worth making now. */
  void wanted(long wanted, double requests) {
    if (target != StartPlan.NO_CHECKPOINT && !isNear(wanted)) {
      end(requests);
    }
  }

  /** One was made, or dropped. */
  void end(double requests) {
    target = StartPlan.NO_CHECKPOINT;
    next = 2 * requests;
  }

  /** The latest one is as good as it was thought, or nothing of that counts any more. */
  void clear() {
    next = 0;
  }
}
