package dev.rekindle.orchestrator.http;

import dev.rekindle.api.ProblemCode;
import dev.rekindle.orchestrator.config.ServiceConfig;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.PlatformHandler;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads request bodies within limits of size and of time. A body is bytes, whatever its
 * Content-Type: {@code curl -d} declares each one a form. Only a multipart form is taken apart.
 */
public final class RequestBody {
  /** A policy or the like. */
  private static final long SMALL_BYTES = 64 << 10;

  /** Settings and the form around a zip. */
  static final int FORM_BYTES = 1 << 20;

  /** A body that takes longer than this to arrive is given up: its sender is gone or stuck. */
  private static final long ARRIVAL_MS = 60_000;

  private static final String FILES = "rekindle.files";
  private static final String BYTES = "rekindle.body";
  private static final String LIMITS = "rekindle.body-limits";

  private final ServiceConfig config;
  private final long arrivalMs;

  /** Reads bodies within the limits of the configuration. */
  public RequestBody(ServiceConfig config) {
    this(config, ARRIVAL_MS);
  }

  /** With another longest time for a body to arrive. */
  public RequestBody(ServiceConfig config, long arrivalMs) {
    this.config = config;
    this.arrivalMs = arrivalMs;
  }

  /** Takes a zip, as base64 or as a file of a form. */
  Route code(Route route) {
    long limit = config.maxCodeBytes() * 4 / 3 + FORM_BYTES;
    BodyHandler form = BodyHandler.create(false).setBodyLimit(limit);
    String limits =
        "The limits are %d bytes for the body (from maxCodeBytes) and %d bytes for a form's field."
            .formatted(limit, FORM_BYTES);
    return guarded(route)
        .handler(
            context -> {
              context.put(LIMITS, limits);
              if (isMultipart(context)) {
                form.handle(context);
                collectFiles(context);
              } else {
                read(context, limit);
              }
            });
  }

  /** Whether the body is a form of several parts. */
  static boolean isMultipart(RoutingContext context) {
    String type = context.request().getHeader("Content-Type");
    return type != null && type.startsWith("multipart/form-data");
  }

  /** In memory, as JSON is too: on a full disk a stream to a file would never end. */
  private static void collectFiles(RoutingContext context) {
    Map<String, Buffer> files = new HashMap<>();
    context.put(FILES, files);
    context
        .request()
        .uploadHandler(
            file -> {
              Buffer content = Buffer.buffer();
              files.put(file.name(), content);
              file.handler(content::appendBuffer);
            });
  }

  /** A file of a form that {@link #code} read, by the name of its part. */
  static Optional<Buffer> file(RoutingContext context, String part) {
    Map<String, Buffer> files = context.get(FILES);
    return files == null ? Optional.empty() : Optional.ofNullable(files.get(part));
  }

  /** Takes an event. */
  Route event(Route route) {
    return reading(route, config.maxEventBytes(), " (maxEventBytes)");
  }

  /** Takes a small document. */
  Route small(Route route) {
    return reading(route, SMALL_BYTES, "");
  }

  private Route reading(Route route, long limit, String setting) {
    String limits = "The limit is %d bytes%s.".formatted(limit, setting);
    return guarded(route)
        .handler(
            context -> {
              context.put(LIMITS, limits);
              read(context, limit);
            });
  }

  /** Goes on when the whole body is there; fails as soon as it is known to be too large. */
  private static void read(RoutingContext context, long limit) {
    HttpServerRequest request = context.request();
    if (declaredLength(request) > limit) {
      context.fail(ProblemCode.BODY_TOO_LARGE.status());
      return;
    }
    if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
      var unused = context.response().writeContinue();
    }
    Buffer body = Buffer.buffer();
    request.exceptionHandler(context::fail);
    request.endHandler(
        ended -> {
          context.put(BYTES, body);
          context.next();
        });
    request.handler(
        chunk -> {
          if (body.length() + chunk.length() <= limit) {
            body.appendBuffer(chunk);
            return;
          }
          request.handler(dropped -> {}); // the rest may still come: it is of no use
          request.endHandler(ended -> {});
          context.fail(ProblemCode.BODY_TOO_LARGE.status());
        });
  }

  /** The length that the head states, or 0; the HTTP decoder has checked that it is a number. */
  private static long declaredLength(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    return length == null ? 0 : Long.parseLong(length.trim());
  }

  /** A sentence with the limits that hold for the body of this request; empty if there are none. */
  static String limits(RoutingContext context) {
    return Objects.requireNonNullElse(context.<String>get(LIMITS), "");
  }

  private Route guarded(Route route) {
    return route.handler((PlatformHandler) this::guardArrival);
  }

  private void guardArrival(RoutingContext context) {
    long timer =
        context
            .vertx()
            .setTimer(
                arrivalMs,
                late -> {
                  if (!context.request().isEnded()) {
                    var unused = context.request().connection().close();
                  }
                });
    context.addEndHandler(ended -> context.vertx().cancelTimer(timer));
    context.next();
  }

  /** The body that was read; empty if there was none. */
  static Buffer bytes(RoutingContext context) {
    Buffer body = context.get(BYTES);
    return body == null ? Buffer.buffer() : body;
  }
}
