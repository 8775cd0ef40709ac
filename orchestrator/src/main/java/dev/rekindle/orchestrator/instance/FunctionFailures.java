package dev.rekindle.orchestrator.instance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.FunctionFailure;
import dev.rekindle.api.Json;
import dev.rekindle.engine.sandbox.ExitStatus;
import dev.rekindle.orchestrator.function.DeployedFunction;
import java.util.List;
import java.util.Locale;

/** The functions' own failures, in the words of AWS Lambda where it has words for them. */
public final class FunctionFailures {
  /** The largest response that Lambda takes from a handler. */
  public static final int MAX_RESPONSE_BYTES = 6_291_556;

  private FunctionFailures() {}

  /** The handler returned more than can be handed on. */
  public static FunctionFailure tooLarge() {
    return new FunctionFailure(
        "Response payload size exceeded maximum allowed payload size (%d bytes)."
            .formatted(MAX_RESPONSE_BYTES),
        "Function.ResponseSizeTooLarge",
        List.of());
  }

  /** What a runtime says of a failure, in the fields that it has for that. */
  public static FunctionFailure ofRuntime(JsonNode said) {
    try {
      return Json.mapper().treeToValue(said, FunctionFailure.class);
    } catch (JsonProcessingException e) {
      return new FunctionFailure(said.toString(), "Runtime.Unknown", List.of());
    }
  }

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
        FunctionFailure.TIMED_OUT,
        List.of());
  }
}
