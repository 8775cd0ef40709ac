package dev.rekindle.api;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The stable names of what can go wrong in a call, with the HTTP status, the title and the default
 * advice that each carries. Names are never reused or renamed; new ones may be added.
 */
public enum ProblemCode {
  /** The request as a whole cannot be read. */
  INVALID_REQUEST(400, "The request cannot be read", "Correct the request and send it again."),
  /** One field of the request is missing, unknown or out of range; {@code field} names it. */
  INVALID_FIELD(400, "A field is not valid", "Correct the field and send the request again."),
  /** The code is not a zip archive. */
  CODE_NOT_ZIP(400, "The code is not a zip archive", "Send the function's files as a zip."),
  /** The zip names a path outside of its own root. */
  CODE_UNSAFE_PATH(
      400, "The zip holds an unsafe path", "Make the zip again with relative paths only."),
  /** No warmer of that name is installed. */
  UNKNOWN_RUNTIME(400, "No such runtime", "Choose one of the runtimes named in the detail."),
  /** No function of that name. */
  UNKNOWN_FUNCTION(
      404, "No such function", "List the functions with GET /v1/functions, or deploy this one."),
  /** No snapshot of that id. */
  UNKNOWN_SNAPSHOT(
      404, "No such snapshot", "List the snapshots with GET /v1/functions/{name}/snapshots."),
  /** No asynchronous invocation of that id, or its result is no longer kept. */
  UNKNOWN_INVOCATION(
      404, "No such invocation", "Invoke again: results are kept for a limited time only."),
  /** No resource at that path. */
  NOT_FOUND(404, "No such resource", "See /openapi.yaml for the paths there are."),
  /** The path exists, but not with that method. */
  METHOD_NOT_ALLOWED(405, "Method not allowed", "Use one of the methods in the Allow header."),
  /** The reply would be in none of the accepted media types. */
  NOT_ACCEPTABLE(406, "No acceptable representation", "Accept application/json."),
  /** The call contradicts what is going on with the same function. */
  CONFLICT(409, "The call conflicts with another", "Wait for the other call, then try again."),
  /** The function is called in another way: HTTP requests and events do not mix. */
  WRONG_INTERFACE(
      409, "The function is called in another way", "Use the path that the advice names."),
  /** The unpacked or packed code is above the limit. */
  CODE_TOO_LARGE(413, "The code is too large", "Leave out what the function does not need."),
  /** The body is above the limit. */
  BODY_TOO_LARGE(413, "The body is too large", "Send a smaller body."),
  /** The body's media type is not understood. */
  UNSUPPORTED_MEDIA_TYPE(
      415, "Media type not supported", "Set Content-Type to one that /openapi.yaml names."),
  /** Too many requests wait already. */
  TOO_MANY_REQUESTS(
      429, "Too many requests", "Try again later, or raise the function's maxInstances."),
  /** The function's reply cannot be handed on. */
  BAD_FUNCTION_REPLY(
      502, "The function's reply cannot be used", "Read the function's logs and correct it."),
  /** The function took longer than its timeoutMs. */
  FUNCTION_TIMEOUT(
      504, "The function took too long", "Raise the function's timeoutMs, or speed it up."),
  /** Functions do not speak websocket or any other protocol than HTTP. */
  UPGRADE_NOT_SUPPORTED(
      501, "No other protocol than HTTP", "Use HTTP requests, such as server-sent events."),
  /** Neither a restore nor a cold start brought up an instance. */
  START_FAILED(502, "No instance could be started", "Read the function's logs and correct it."),
  /** The checkpoint failed; the function goes on without this snapshot. */
  CHECKPOINT_FAILED(
      500, "The checkpoint failed", "Read the detail and the function's logs, then try again."),
  /** The snapshot is damaged or failed too often. */
  SNAPSHOT_UNUSABLE(
      409, "The snapshot cannot be used", "Delete the snapshot and make a new checkpoint."),
  /** No instance became free in time. */
  QUEUE_TIMEOUT(
      429,
      "No instance became free in time",
      "Try again later, or raise the function's maxInstances."),
  /** The service is going down. */
  SHUTTING_DOWN(503, "The service is shutting down", "Try again when it is up again."),
  /** The snapshot store does not answer. */
  STORE_UNAVAILABLE(
      503, "The store is not available", "Check the store that the service is set up with."),
  /** A disk of the service is full. */
  NO_SPACE(507, "No space left", "Delete snapshots or functions, or enlarge the disk."),
  /** A defect of the service. */
  INTERNAL(500, "Internal error", "Look for the request id in the service's log and report it.");

  private final int status;
  private final String title;
  private final String next;

  ProblemCode(int status, String title, String next) {
    this.status = status;
    this.title = title;
    this.next = next;
  }

  /** The name on the wire, such as {@code unknown-function}. */
  @JsonValue
  public String wire() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The HTTP status that a problem of this code is sent with. */
  public int status() {
    return status;
  }

  /** A short title, the same for every occurrence. */
  public String title() {
    return title;
  }

  /** What to do next, unless the occurrence knows better. */
  public String next() {
    return next;
  }

  /** The identifier of the problem type, as RFC 9457 wants one. */
  public String type() {
    return "urn:rekindle:problem:" + wire();
  }

  /** The code with that name on the wire, or empty if this version knows none. */
  public static Optional<ProblemCode> find(String wire) {
    return Arrays.stream(values()).filter(code -> code.wire().equals(wire)).findFirst();
  }
}
