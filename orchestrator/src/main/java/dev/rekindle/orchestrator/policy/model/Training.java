package dev.rekindle.orchestrator.policy.model;

/**
 * A wish to warm a clone off the request path, with sample events.
 *
 * @param from what the clone is started from
 * @param toRequest the request number at which the policy is asked again, by {@link Policy#trained}
 * @param worthNanos what the events until there may take, in nanoseconds; more is not worth it
 */
public record Training(Start from, long toRequest, long worthNanos) {
  /** Events may take as long as they like. */
  public static final long NO_LIMIT = Long.MAX_VALUE;
}
