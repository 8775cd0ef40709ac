package dev.rekindle.orchestrator.policy.model;

/**
 * A checkpoint that worked.
 *
 * @param snapshot the new snapshot
 * @param request how many requests its process has served
 * @param workNanos what it took of the host: the dump, and its share of what followed
 * @param bytes what it takes in the store
 */
public record Checkpointed(String snapshot, long request, long workNanos, long bytes) {}
