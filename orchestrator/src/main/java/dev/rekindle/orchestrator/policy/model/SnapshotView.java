package dev.rekindle.orchestrator.policy.model;

import java.time.Instant;

/**
 * A snapshot, as a policy sees it.
 *
 * @param id its id
 * @param request how many requests the process had served when it was frozen
 * @param ready whether it can be restored; otherwise it is in the making
 * @param createdAt when it was made
 * @param bytes what it takes in the store; 0 while it is in the making
 */
public record SnapshotView(String id, long request, boolean ready, Instant createdAt, long bytes) {}
