package dev.rekindle.orchestrator.http;

import dev.rekindle.api.EventRecord;
import dev.rekindle.api.Json;
import dev.rekindle.api.Readiness;
import dev.rekindle.api.RuntimeDescription;
import dev.rekindle.api.RuntimeList;
import dev.rekindle.orchestrator.node.Admission;
import dev.rekindle.orchestrator.node.EventLog;
import dev.rekindle.orchestrator.node.Metrics;
import dev.rekindle.orchestrator.node.Workers;
import dev.rekindle.warmers.Warmers;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** The calls for those who run the service: health, metrics, events, the contract. */
public final class OperationsRoutes {
  /** A listener that reads so slowly is cut off rather than buffered for. */
  private static final int MAX_EVENTS_BEHIND = 1 << 20;

  private final Workers workers;
  private final Warmers warmers;
  private final EventLog events;
  private final Metrics metrics;
  private final Admission admission;
  private final Buffer contract;

  /**
   * What runtimes there are, what happened, what was counted, and whether requests are admitted.
   */
  public OperationsRoutes(
      Workers workers, Warmers warmers, EventLog events, Metrics metrics, Admission admission) {
    this.workers = workers;
    this.warmers = warmers;
    this.events = events;
    this.metrics = metrics;
    this.admission = admission;
    this.contract = Buffer.buffer(resource("/openapi.yaml"));
  }

  void mount(Router router) {
    router
        .get("/healthz")
        .handler(c -> Replies.end(c, 200, "text/plain; charset=utf-8", Buffer.buffer("ok\n")));
    router.get("/readyz").handler(this::ready);
    router
        .get("/metrics")
        .handler(
            c ->
                Replies.end(
                    c,
                    200,
                    "text/plain; version=0.0.4; charset=utf-8",
                    Buffer.buffer(metrics.scrape())));
    router.get("/openapi.yaml").handler(c -> Replies.end(c, 200, "application/yaml", contract));
    router.get("/v1/events").handler(this::events);
    router.get("/v1/runtimes").handler(this::runtimes);
  }

  private void ready(RoutingContext context) {
    List<String> reasons = new ArrayList<>();
    if (admission.isClosed()) {
      reasons.add("the service is shutting down");
    }
    Replies.json(context, reasons.isEmpty() ? 200 : 503, new Readiness(reasons.isEmpty(), reasons));
  }

  private void runtimes(RoutingContext context) {
    Replies.json(
        context,
        200,
        workers.file(
            () ->
                new RuntimeList(
                    warmers.available().stream()
                        .map(each -> new RuntimeDescription(each.name(), each.version()))
                        .toList())));
  }

  private void events(RoutingContext context) {
    HttpServerResponse response = context.response();
    response
        .setChunked(true)
        .putHeader("Content-Type", "text/event-stream")
        .putHeader("Cache-Control", "no-store");
    response.setWriteQueueMaxSize(MAX_EVENTS_BEHIND);
    Consumer<EventRecord> listener =
        event -> {
          if (response.writeQueueFull()) {
            var unused = context.request().connection().close();
          } else {
            var unused = response.write(format(event));
          }
        };
    response.closeHandler(closed -> events.forget(listener));
    response.exceptionHandler(broken -> events.forget(listener));
    var unused = response.write(": events follow\n\n");
    lastSeen(context).ifPresent(id -> events.after(id).forEach(listener));
    events.listen(listener);
  }

  /** Where a listener that comes back left off. */
  private static OptionalLong lastSeen(RoutingContext context) {
    String id = context.request().getHeader("Last-Event-ID");
    try {
      return id == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(id));
    } catch (NumberFormatException e) {
      return OptionalLong.empty(); // not from us: start with what is new
    }
  }

  private static String format(EventRecord event) {
    return "id: %d\nevent: %s\ndata: %s\n\n"
        .formatted(
            event.id(), event.type().wire(), new String(Json.write(event), StandardCharsets.UTF_8));
  }

  private static byte[] resource(String name) {
    try (InputStream in = OperationsRoutes.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException("the build left out " + name, e);
    }
  }
}
