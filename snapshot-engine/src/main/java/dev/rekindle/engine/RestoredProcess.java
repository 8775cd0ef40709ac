package dev.rekindle.engine;

import java.time.Duration;

/**
 * A restored function.
 *
 * @param sandbox where it lives; the caller closes it
 * @param pid its root process in the sandbox
 * @param duration how long the restore took, sandbox included
 */
public record RestoredProcess(Sandbox sandbox, int pid, Duration duration) {}
