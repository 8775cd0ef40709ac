package dev.rekindle.orchestrator;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.PlatformHandler;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Reads request bodies within limits of size and of time. */
final class RequestBody {
  /** A policy or the like. */
  private static final long SMALL_BYTES = 64 << 10;

  /** Settings and the form around a zip. */
  static final int FORM_BYTES = 1 << 20;

  /** A body that takes longer than this to arrive is given up: its sender is gone or stuck. */
  private static final long ARRIVAL_MS = 60_000;

  private static final String FILES = "rekindle.files";

  private final ServiceConfig config;
  private final long arrivalMs;

  RequestBody(ServiceConfig config) {
    this(config, ARRIVAL_MS);
  }

  /** With another longest time for a body to arrive. */
  RequestBody(ServiceConfig config, long arrivalMs) {
    this.config = config;
    this.arrivalMs = arrivalMs;
  }

  /** Takes a zip, as base64 or as a file of a form. */
  Route code(Route route) {
    BodyHandler handler =
        BodyHandler.create(false).setBodyLimit(config.maxCodeBytes() * 4 / 3 + FORM_BYTES);
    return guarded(route)
        .handler(
            context -> {
              handler.handle(context);
              Map<String, Buffer> files = new HashMap<>();
              context.put(FILES, files);
              // In memory, as JSON is too: on a full disk a stream to a file would never end.
              context
                  .request()
                  .uploadHandler(
                      file -> {
                        Buffer content = Buffer.buffer();
                        files.put(file.name(), content);
                        file.handler(content::appendBuffer);
                      });
            });
  }

  /** A file of a form that {@link #code} read, by the name of its part. */
  static Optional<Buffer> file(RoutingContext context, String part) {
    Map<String, Buffer> files = context.get(FILES);
    return files == null ? Optional.empty() : Optional.ofNullable(files.get(part));
  }

  /** Takes an event. */
  Route event(Route route) {
    return reading(route, config.maxEventBytes());
  }

  /** Takes a small document. */
  Route small(Route route) {
    return reading(route, SMALL_BYTES);
  }

  private Route reading(Route route, long limit) {
    return guarded(route).handler(BodyHandler.create(false).setBodyLimit(limit));
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
    Buffer body = context.body().buffer();
    return body == null ? Buffer.buffer() : body;
  }
}
