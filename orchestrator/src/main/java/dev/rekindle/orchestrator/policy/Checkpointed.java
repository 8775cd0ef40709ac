package dev.rekindle.orchestrator.policy;

/**
 * A checkpoint that worked.
 *
 * @param snapshot the new snapshot
 * @param request how many requests its process has served
 * @param pauseNanos how long the instance stood still
 * @param bytes what it takes in the store
 */
public record Checkpointed(String snapshot, long request, long pauseNanos, long bytes) {}
