package dev.rekindle.api;

import java.util.List;

/**
 * An error of the function's own, in Lambda's form.
 *
 * @param errorMessage what the function said
 * @param errorType the class of the error, such as {@code ValueError} or {@code Runtime.ExitError}
 * @param stackTrace the frames, as the runtime prints them
 */
public record FunctionFailure(String errorMessage, String errorType, List<String> stackTrace) {
  /** Copies the frames. */
  public FunctionFailure {
    stackTrace = List.copyOf(stackTrace);
  }
}
