package dev.rekindle.api;

import org.jspecify.annotations.Nullable;

/**
 * Something that a policy may start an instance from.
 *
 * @param snapshot its id; absent for a cold start; those of a policy in the shadow do not exist
 * @param request how many requests it has behind it
 * @param scoreMs what a request costs its caller on average when instances start from it; lower is
 *     better; absent where the policy does not score it
 * @param lives how many lives the policy has seen begin there; 0 where it does not count
 */
public record StartCandidate(
    @Nullable String snapshot, long request, @Nullable Double scoreMs, long lives) {}
