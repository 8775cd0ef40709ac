package dev.rekindle.warmers.channel;

import io.vertx.core.buffer.Buffer;
import java.util.List;

/** What an instance answers to an invocation. */
public sealed interface InstanceReply {
  /**
   * The handler returned.
   *
   * @param result what it returned, as JSON
   */
  record Success(Buffer result) implements InstanceReply {}

  /**
   * The handler failed; the instance lives on. The fields are those of Lambda's error document.
   *
   * @param errorType class of the error, or a type of the platform such as Runtime.MarshalError
   * @param errorMessage the error's own words
   * @param stackTrace the function's frames, one entry each
   */
  record FunctionError(String errorType, String errorMessage, List<String> stackTrace)
      implements InstanceReply {
    /** Copies the trace, so that the record never changes. */
    public FunctionError {
      stackTrace = List.copyOf(stackTrace);
    }
  }
}
