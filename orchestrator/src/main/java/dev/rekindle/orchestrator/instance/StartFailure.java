package dev.rekindle.orchestrator.instance;

import dev.rekindle.api.FunctionFailure;
import org.jspecify.annotations.Nullable;

/** An instance could not be started. */
public final class StartFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient @Nullable FunctionFailure functionFailure;

  private final @Nullable String instance;

  /** The function's own fault: it does not load, or ends while loading. */
  public StartFailure(FunctionFailure failure, String instance) {
    super(failure.errorType() + ": " + failure.errorMessage());
    this.functionFailure = failure;
    this.instance = instance;
  }

  /** The platform's fault. */
  public StartFailure(String message) {
    super(message);
    this.functionFailure = null;
    this.instance = null;
  }

  /** The instance that did not come up, if it got that far. */
  public @Nullable String instance() {
    return instance;
  }

  /** What the function is told to have done, or null if it was the platform. */
  public @Nullable FunctionFailure functionFailure() {
    return functionFailure;
  }
}
