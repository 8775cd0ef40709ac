package dev.rekindle.orchestrator.policy.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A decision and its reason.
 *
 * @param at when
 * @param kind what was decided
 * @param snapshot the snapshot it is about; null for a cold start or a new snapshot
 * @param request the request number it is about
 * @param reason why
 * @param gainMs what it was expected to save callers in all; 0 where that does not apply
 * @param costMs what it was expected to cost; 0 where that does not apply
 */
public record Decision(
    Instant at,
    Kind kind,
    @Nullable String snapshot,
    long request,
    String reason,
    double gainMs,
    double costMs) {
  /** What can be decided. */
  public enum Kind {
    /** What to start an instance from. */
    START,
    /** To freeze an instance. */
    CHECKPOINT,
    /** Not to freeze an instance, where that was weighed. */
    NO_CHECKPOINT,
    /** To remove a snapshot. */
    PRUNE,
    /** That what was learnt is out of date. */
    RELEARN
  }
}
