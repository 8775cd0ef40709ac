package dev.rekindle.orchestrator;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.PlatformHandler;
import java.nio.file.Path;

/** Reads request bodies within limits of size and of time. */
final class RequestBody {
  /** A policy or the like. */
  private static final long SMALL_BYTES = 64 << 10;

  /** Settings and the form around a zip. */
  private static final long FORM_BYTES = 1 << 20;

  /** A body that takes longer than this to arrive is given up: its sender is gone or stuck. */
  private static final long ARRIVAL_MS = 60_000;

  private final ServiceConfig config;
  private final Path uploads;

  RequestBody(ServiceConfig config, Path uploads) {
    this.config = config;
    this.uploads = uploads;
  }

  /** Takes a zip, as base64 or as an upload. */
  Route code(Route route) {
    return reading(route, config.maxCodeBytes() * 4 / 3 + FORM_BYTES, true);
  }

  /** Takes an event. */
  Route event(Route route) {
    return reading(route, config.maxEventBytes(), false);
  }

  /** Takes a small document. */
  Route small(Route route) {
    return reading(route, SMALL_BYTES, false);
  }

  private Route reading(Route route, long limit, boolean uploaded) {
    BodyHandler handler =
        BodyHandler.create(uploads.toString())
            .setBodyLimit(limit)
            .setHandleFileUploads(uploaded)
            .setDeleteUploadedFilesOnEnd(true);
    return route.handler((PlatformHandler) RequestBody::guardArrival).handler(handler);
  }

  private static void guardArrival(RoutingContext context) {
    long timer =
        context
            .vertx()
            .setTimer(
                ARRIVAL_MS,
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
