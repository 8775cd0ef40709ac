package dev.rekindle.api;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An error of the function's own, in Lambda's form. The runtimes fill in different fields: the
 * frames are {@code trace} in Node.js and {@code stackTrace} elsewhere.
 *
 * @param errorMessage what the function said; may be empty
 * @param errorType the class of the error, such as {@code ValueError} or {@code Runtime.ExitError};
 *     empty if the error has none
 * @param stackTrace the frames, as the runtime prints them; null in Node.js
 * @param trace the frames in Node.js; null elsewhere
 * @param requestId the invocation's id, where the runtime tells it
 */
public record FunctionFailure(
    String errorMessage,
    String errorType,
    @Nullable List<String> stackTrace,
    @Nullable List<String> trace,
    @Nullable String requestId) {
  /** The type of a failure to answer within {@code timeoutMs}. */
  public static final String TIMED_OUT = "Sandbox.Timedout";

  /** Copies the frames; a runtime that tells no message or type has said nothing. */
  public FunctionFailure {
    errorMessage = Objects.requireNonNullElse(errorMessage, "");
    errorType = Objects.requireNonNullElse(errorType, "");
    stackTrace = stackTrace == null ? null : List.copyOf(stackTrace);
    trace = trace == null ? null : List.copyOf(trace);
  }

  /** A failure in the form of most runtimes. */
  public FunctionFailure(String errorMessage, String errorType, List<String> stackTrace) {
    this(errorMessage, errorType, stackTrace, null, null);
  }
}
