package dev.rekindle.orchestrator.policy.model;

import org.jspecify.annotations.Nullable;

/**
 * A start that worked.
 *
 * @param snapshot what was restored; null for a boot
 * @param nanos how long it took until the instance could take an event, fetching included
 * @param movedBytes how much was fetched from afar for it
 */
public record Started(@Nullable String snapshot, long nanos, long movedBytes) {}
