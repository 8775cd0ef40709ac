package dev.rekindle.orchestrator.policy;

/**
 * A wish to warm a clone off the request path, with sample events, and to freeze it.
 *
 * @param from what the clone is started from
 * @param toRequest the request number to freeze it at
 */
public record Training(Start from, long toRequest) {}
