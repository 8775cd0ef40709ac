package dev.rekindle.orchestrator.policy.model;

/**
 * One invocation that was answered.
 *
 * @param life the instance's life, this invocation included: {@code life.request()} is its number
 * @param phases what its parts took
 * @param failed whether the function answered with an error
 */
public record Served(Life life, Phases phases, boolean failed) {}
