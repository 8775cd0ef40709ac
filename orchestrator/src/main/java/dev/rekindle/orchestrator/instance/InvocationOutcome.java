package dev.rekindle.orchestrator.instance;

import dev.rekindle.api.FunctionFailure;
import dev.rekindle.api.RestoreMode;
import dev.rekindle.api.ServerTiming;
import dev.rekindle.api.StartKind;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * The answer of a function.
 *
 * @param result what the handler returned; empty if it failed
 * @param contentType what the result is, or the failure's document
 * @param streamed whether the handler streamed it
 * @param failure how the function failed, or null
 * @param start how the invocation got its instance
 * @param instance the instance that served it, or null if none came up
 * @param snapshot the snapshot that the instance was restored from, or null
 * @param mode how the instance's memory came back, or null
 * @param timing what each phase took
 */
public record InvocationOutcome(
    Buffer result,
    String contentType,
    boolean streamed,
    @Nullable FunctionFailure failure,
    StartKind start,
    @Nullable String instance,
    @Nullable String snapshot,
    @Nullable RestoreMode mode,
    ServerTiming timing) {}
