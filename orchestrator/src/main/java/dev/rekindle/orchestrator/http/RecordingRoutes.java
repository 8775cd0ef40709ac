package dev.rekindle.orchestrator.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.rekindle.api.EventType;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.api.RecordingRequest;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.function.HttpSettings;
import dev.rekindle.orchestrator.instance.InstanceStarter;
import dev.rekindle.orchestrator.instance.Node;
import dev.rekindle.orchestrator.node.Admission;
import dev.rekindle.orchestrator.node.ServiceException;
import dev.rekindle.orchestrator.pool.FunctionRegistry;
import dev.rekindle.orchestrator.pool.PrivateRun;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/** The call that records the latencies of a function. */
public final class RecordingRoutes {
  private final Node node;
  private final FunctionRegistry functions;
  private final Admission admission;
  private final RequestBody body;

  public RecordingRoutes(
      Node node, FunctionRegistry functions, Admission admission, RequestBody body) {
    this.node = node;
    this.functions = functions;
    this.admission = admission;
    this.body = body;
  }

  void mount(Router router) {
    body.event(router.post("/v1/functions/:name/recordings")).handler(this::record);
  }

  private void record(RoutingContext context) {
    FunctionRegistry.Registered registered = functions.get(context.pathParam("name"));
    DeployedFunction function = registered.function();
    RecordingRequest request = RecordingRequest.parse(RequestBody.bytes(context).getBytes());
    List<JsonNode> events = events(function, request);
    if (admission.isClosed()) {
      throw new ServiceException(ProblemCode.SHUTTING_DOWN, "The service is shutting down.");
    }
    PrivateRun run = functions.privateRuns().record(function);
    node.events()
        .add(
            EventType.RECORDING,
            function.name(),
            null,
            null,
            "begins, of %d requests".formatted(request.requests()),
            null);
    new RecordingStream(node, run, context, events, request.requests())
        .run(new InstanceStarter(node, registered.log(), registered.counts()));
  }

  private List<JsonNode> events(DeployedFunction function, RecordingRequest request) {
    boolean http = node.servesHttp(function);
    List<JsonNode> given = request.events();
    if (given != null) {
      if (http) {
        HttpSettings.checkEvents("events", given);
      }
      return given;
    }
    List<JsonNode> samples = function.settings().warmup().events();
    if (!samples.isEmpty()) {
      return samples;
    }
    JsonNodeFactory json = JsonNodeFactory.instance;
    return List.of(http ? json.objectNode().put("path", "/") : json.objectNode());
  }
}
