package dev.rekindle.orchestrator.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.rekindle.api.EventType;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.api.RecordingRequest;
import dev.rekindle.orchestrator.function.HttpSettings;
import dev.rekindle.orchestrator.instance.FunctionRuntime;
import dev.rekindle.orchestrator.node.Admission;
import dev.rekindle.orchestrator.node.ServiceException;
import dev.rekindle.orchestrator.pool.BackgroundRun;
import dev.rekindle.orchestrator.pool.FunctionRegistry;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/** The call that records the latencies of a function. */
public final class RecordingRoutes {
  private final FunctionRegistry functions;
  private final Admission admission;
  private final RequestBody body;

  public RecordingRoutes(FunctionRegistry functions, Admission admission, RequestBody body) {
    this.functions = functions;
    this.admission = admission;
    this.body = body;
  }

  void mount(Router router) {
    body.event(router.post("/v1/functions/:name/recordings")).handler(this::record);
  }

  private void record(RoutingContext context) {
    FunctionRegistry.Registered registered = functions.get(context.pathParam("name"));
    RecordingRequest request = RecordingRequest.parse(RequestBody.bytes(context).getBytes());
    List<JsonNode> events = events(registered.runtime(), request);
    if (admission.isClosed()) {
      throw new ServiceException(ProblemCode.SHUTTING_DOWN, "The service is shutting down.");
    }
    BackgroundRun run = functions.backgroundRuns().record(registered.runtime());
    registered
        .journal()
        .event(
            EventType.RECORDING,
            null,
            null,
            "begins, of %d requests".formatted(request.requests()),
            null);
    new RecordingStream(registered.journal(), run, context, events, request.requests())
        .run(registered.pool().starter());
  }

  private List<JsonNode> events(FunctionRuntime runtime, RecordingRequest request) {
    boolean http = runtime.servesHttp();
    List<JsonNode> given = request.events();
    if (given != null) {
      if (http) {
        HttpSettings.checkEvents("events", given);
      }
      return given;
    }
    List<JsonNode> samples = runtime.function().settings().warmup().events();
    if (!samples.isEmpty()) {
      return samples;
    }
    JsonNodeFactory json = JsonNodeFactory.instance;
    return List.of(http ? json.objectNode().put("path", "/") : json.objectNode());
  }
}
