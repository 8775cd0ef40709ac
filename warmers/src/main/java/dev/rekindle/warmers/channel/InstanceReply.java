package dev.rekindle.warmers.channel;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an instance answers to an invocation. */
public sealed interface InstanceReply {
  /**
   * The handler returned.
   *
   * @param result what it returned
   * @param contentType what that is
   */
  record Success(Buffer result, String contentType) implements InstanceReply {
    /** The type of results, unless the handler returned raw bytes. */
    public static final String JSON = "application/json";

    /** A result in JSON. */
    public Success(Buffer result) {
      this(result, JSON);
    }
  }

  /**
   * The handler failed; the instance lives on. The fields are those of Lambda's error document.
   *
   * @param errorType class of the error, or a type of the platform such as Runtime.MarshalError
   * @param errorMessage the error's own words
   * @param stackTrace the function's frames, one entry each
   * @param requestId the id of the failed request, where the runtime's errors have one, or null
   */
  record FunctionError(
      String errorType, String errorMessage, List<String> stackTrace, @Nullable String requestId)
      implements InstanceReply {
    /** Copies the trace, so that the record never changes. */
    public FunctionError {
      stackTrace = List.copyOf(stackTrace);
    }
  }
}
