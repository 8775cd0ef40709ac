package dev.rekindle.warmers.channel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.stream.StreamSupport;

/** What an instance answers to an invocation. */
public sealed interface InstanceReply {
  /**
   * The handler returned.
   *
   * @param result what it returned
   * @param contentType what that is
   * @param streamed whether the handler streamed it
   */
  record Success(Buffer result, String contentType, boolean streamed) implements InstanceReply {
    /** The type of results, unless the handler returned raw bytes. */
    public static final String JSON = "application/json";

    /** A result in JSON. */
    public Success(Buffer result) {
      this(result, JSON, false);
    }
  }

  /**
   * The handler failed; the instance lives on.
   *
   * @param document Lambda's error document as the runtime made it: the runtimes name its fields
   *     differently
   */
  record FunctionError(ObjectNode document) implements InstanceReply {
    /** Class of the error, or a type of the platform such as Runtime.MarshalError. */
    public String errorType() {
      return document.path("errorType").asText("");
    }

    /** The error's own words. */
    public String errorMessage() {
      return document.path("errorMessage").asText("");
    }

    /** The function's frames, one entry each. */
    public List<String> stackTrace() {
      JsonNode frames =
          document.has("trace") ? document.path("trace") : document.path("stackTrace");
      return StreamSupport.stream(frames.spliterator(), false).map(JsonNode::asText).toList();
    }
  }
}
