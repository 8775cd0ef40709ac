package dev.rekindle.warmers.channel;

import io.vertx.core.buffer.Buffer;
import java.time.Instant;

/**
 * One event for a function.
 *
 * @param requestId the handler sees it as its request id
 * @param deadline when the invocation times out; the handler may ask how long that is
 * @param functionName the function's name
 * @param functionVersion the version that serves
 * @param memoryMb memory limit in MiB
 * @param event the event as JSON
 * @param details what else the handler is told
 */
public record Invocation(
    String requestId,
    Instant deadline,
    String functionName,
    String functionVersion,
    int memoryMb,
    Buffer event,
    InvocationDetails details) {
  /** An event without details. */
  public Invocation(
      String requestId,
      Instant deadline,
      String functionName,
      String functionVersion,
      int memoryMb,
      Buffer event) {
    this(
        requestId,
        deadline,
        functionName,
        functionVersion,
        memoryMb,
        event,
        InvocationDetails.NONE);
  }
}
