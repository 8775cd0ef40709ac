package dev.rekindle.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An error of the function's own, in Lambda's form.
 *
 * @param errorMessage what the function said
 * @param errorType the class of the error, such as {@code ValueError} or {@code Runtime.ExitError}
 * @param requestId the id of the failed request; null where the runtime's errors have none
 * @param stackTrace the frames, as the runtime prints them
 */
public record FunctionFailure(
    String errorMessage, String errorType, @Nullable String requestId, List<String> stackTrace) {
  /** An error without a request id. */
  public FunctionFailure(String errorMessage, String errorType, List<String> stackTrace) {
    this(errorMessage, errorType, null, stackTrace);
  }

  /** Copies the frames. */
  public FunctionFailure {
    stackTrace = List.copyOf(stackTrace);
  }
}
