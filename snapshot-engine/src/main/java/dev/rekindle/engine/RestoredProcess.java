package dev.rekindle.engine;

import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.engine.sandbox.SandboxException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A restored function.
 *
 * @param sandbox where it lives; the caller closes it
 * @param pid its root process in the sandbox
 * @param duration how long the restore took, sandbox included
 * @param greeted the answer to its greeting; empty bytes if there was none. Fails with {@link
 *     SandboxException} if the function did not take it
 */
public record RestoredProcess(
    Sandbox sandbox, int pid, Duration duration, CompletableFuture<ByteBuffer> greeted) {}
