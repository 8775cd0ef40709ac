package dev.rekindle.orchestrator.instance;

import dev.rekindle.api.FunctionFailure;
import dev.rekindle.engine.sandbox.ExitStatus;
import dev.rekindle.orchestrator.function.DeployedFunction;
import java.util.List;
import java.util.Locale;

/** The functions' own failures, in the words of AWS Lambda where it has words for them. */
public final class Failures {
  /** The type of {@link #timedOut}. */
  public static final String TIMED_OUT = "Sandbox.Timedout";

  private Failures() {}

  /** The process ended. */
  public static FunctionFailure ended(
      DeployedFunction function, ExitStatus status, boolean outOfMemory, String when) {
    if (outOfMemory) {
      return new FunctionFailure(
          "The function went past its memory limit of %d MB %s; raise memoryMb."
              .formatted(function.settings().memoryMb(), when),
          "Runtime.OutOfMemory",
          List.of());
    }
    return new FunctionFailure(
        "The function's process ended with %s %s.".formatted(status, when),
        "Runtime.ExitError",
        List.of());
  }

  /** The handler took too long. */
  public static FunctionFailure timedOut(DeployedFunction function) {
    return new FunctionFailure(
        String.format(
            Locale.ROOT,
            "Task timed out after %.2f seconds; raise timeoutMs if that is too short.",
            function.settings().timeoutMs() / 1000.0),
        TIMED_OUT,
        List.of());
  }
}
