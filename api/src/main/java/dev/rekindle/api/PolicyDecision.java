package dev.rekindle.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A decision of a policy, and its reason.
 *
 * @param at when
 * @param kind what was decided
 * @param snapshot the snapshot it is about; absent for a cold start or a new snapshot
 * @param request the request number it is about
 * @param reason why
 * @param gainMs what it was expected to save callers in all; 0 where that does not apply
 * @param costMs what it was expected to cost; 0 where that does not apply
 */
public record PolicyDecision(
    Instant at,
    DecisionKind kind,
    @Nullable String snapshot,
    long request,
    String reason,
    double gainMs,
    double costMs) {}
