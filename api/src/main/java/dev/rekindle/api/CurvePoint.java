package dev.rekindle.api;

import org.jspecify.annotations.Nullable;

/**
 * The latency of some neighbouring request numbers, as a policy believes it.
 *
 * @param fromRequest the first of them
 * @param toRequest the last of them
 * @param samples how many invocations this rests on
 * @param meanMs their mean, outliers bounded
 * @param standardErrorMs how uncertain the mean is; absent where the policy does not know
 * @param p90Ms what nine of ten stayed below; absent where the policy does not know
 */
public record CurvePoint(
    long fromRequest,
    long toRequest,
    double samples,
    double meanMs,
    @Nullable Double standardErrorMs,
    @Nullable Double p90Ms) {}
