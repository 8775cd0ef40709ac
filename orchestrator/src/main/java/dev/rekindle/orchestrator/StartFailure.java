package dev.rekindle.orchestrator;

import dev.rekindle.api.FunctionFailure;
import org.jspecify.annotations.Nullable;

/** An instance could not be started. */
final class StartFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient @Nullable FunctionFailure functionFailure;

  /** The function's own fault: it does not load, or ends while loading. */
  StartFailure(FunctionFailure failure) {
    super(failure.errorType() + ": " + failure.errorMessage());
    this.functionFailure = failure;
  }

  /** The platform's fault. */
  StartFailure(String message) {
    super(message);
    this.functionFailure = null;
  }

  /** What the function is told to have done, or null if it was the platform. */
  @Nullable FunctionFailure functionFailure() {
    return functionFailure;
  }
}
