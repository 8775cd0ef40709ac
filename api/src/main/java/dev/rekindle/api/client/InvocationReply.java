package dev.rekindle.api.client;

import dev.rekindle.api.FunctionFailure;
import dev.rekindle.api.Headers;
import dev.rekindle.api.Json;
import dev.rekindle.api.RestoreMode;
import dev.rekindle.api.ServerTiming;
import dev.rekindle.api.StartKind;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The reply to an invocation. Replies are equal only if they share their body array.
 *
 * @param status the HTTP status
 * @param body what the function returned as JSON, or a {@link FunctionFailure}; not copied
 * @param start how the invocation got its instance
 * @param requestId id of the request
 * @param instance id of the instance
 * @param snapshot id of the snapshot that the instance came from, where there is one
 * @param restoreMode how the instance was restored, where it was
 * @param timing what each phase took
 * @param functionError as in header {@link Headers#FUNCTION_ERROR}, where the function failed
 */
@SuppressWarnings("ArrayRecordComponent") // a body may be large: copying it would be the surprise
public record InvocationReply(
    int status,
    byte[] body,
    StartKind start,
    String requestId,
    String instance,
    @Nullable String snapshot,
    @Nullable RestoreMode restoreMode,
    ServerTiming timing,
    @Nullable String functionError) {

  /**
   * The function's own error, or empty if it succeeded.
   *
   * @throws ApiException with reason UNREADABLE_REPLY if the body is no such error
   */
  public Optional<FunctionFailure> failure() {
    if (functionError == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.mapper().readValue(body, FunctionFailure.class));
    } catch (IOException e) {
      throw new ApiException(
          ApiException.Reason.UNREADABLE_REPLY,
          "Request " + requestId + " failed in the function, but its body does not say how.",
          e);
    }
  }
}
