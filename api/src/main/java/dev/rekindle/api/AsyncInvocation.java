package dev.rekindle.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An asynchronous invocation and, once it is over, its result.
 *
 * @param id its id, which is its request id too
 * @param function name of the function
 * @param state where it is
 * @param acceptedAt when the service took it
 * @param finishedAt when it was over
 * @param status the HTTP status that a synchronous call would have had, once it is over
 * @param functionError as in header {@link Headers#FUNCTION_ERROR}, where the function failed
 * @param start how it got its instance, once it is done
 * @param instance id of the instance that served it, once it is done
 * @param snapshot id of that instance's snapshot, where there is one
 * @param result what the function returned, or a {@link FunctionFailure}; once it is done
 * @param problem why the platform could not run it; when it failed
 */
public record AsyncInvocation(
    String id,
    String function,
    AsyncState state,
    Instant acceptedAt,
    @Nullable Instant finishedAt,
    @Nullable Integer status,
    @Nullable String functionError,
    @Nullable StartKind start,
    @Nullable String instance,
    @Nullable String snapshot,
    @Nullable JsonNode result,
    @Nullable Problem problem) {}
