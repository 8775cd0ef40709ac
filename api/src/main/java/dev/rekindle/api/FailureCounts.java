package dev.rekindle.api;

/**
 * What went wrong with a function, since the service came up.
 *
 * @param start boots that failed
 * @param restore restores that failed, each followed by a cold start
 * @param checkpoint checkpoints that failed
 * @param function errors of the function's own, without timeouts
 * @param timeout invocations stopped at their time limit
 */
public record FailureCounts(
    long start, long restore, long checkpoint, long function, long timeout) {}
