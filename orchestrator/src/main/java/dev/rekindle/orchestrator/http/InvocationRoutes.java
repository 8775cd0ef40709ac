package dev.rekindle.orchestrator.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.rekindle.api.AsyncInvocation;
import dev.rekindle.api.Headers;
import dev.rekindle.api.InvalidFieldException;
import dev.rekindle.api.Json;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.orchestrator.instance.EventDelivery;
import dev.rekindle.orchestrator.instance.InvocationOutcome;
import dev.rekindle.orchestrator.instance.InvocationRequest;
import dev.rekindle.orchestrator.node.Admission;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.orchestrator.node.ServiceException;
import dev.rekindle.orchestrator.pool.FunctionPool;
import dev.rekindle.orchestrator.pool.FunctionRegistry;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;

/** The calls that invoke functions. */
public final class InvocationRoutes {
  private static final Buffer EMPTY_EVENT = Buffer.buffer("{}");

  /** Lambda's limit for events that wait. */
  private static final int MAX_QUEUED_BYTES = 1 << 20;

  /** Unlike the service's own documents an event may repeat a key: handlers see the last. */
  private static final JsonFactory EVENTS =
      JsonFactory.builder()
          .streamReadConstraints(Json.mapper().getFactory().streamReadConstraints())
          .build();

  private final EventLoop loop;
  private final FunctionRegistry functions;
  private final AsyncInvocations async;
  private final Admission admission;
  private final RequestBody body;

  /** The routes of one service. */
  public InvocationRoutes(
      EventLoop loop,
      FunctionRegistry functions,
      AsyncInvocations async,
      Admission admission,
      RequestBody body) {
    this.loop = loop;
    this.functions = functions;
    this.async = async;
    this.admission = admission;
    this.body = body;
  }

  void mount(Router router) {
    body.event(router.post("/v1/functions/:name/invocations")).handler(this::invoke);
    router.get("/v1/invocations/:id").handler(this::result);
  }

  private void invoke(RoutingContext context) {
    long arrived = loop.nanoTime();
    FunctionPool pool = functions.get(context.pathParam("name")).pool();
    if (pool.runtime().servesHttp()) {
      throw pool.runtime().notInvocable();
    }
    EventDelivery event =
        new EventDelivery(event(context), InvocationHeaders.read(context.request()));
    String id = Replies.requestId(context);
    String prefer = String.valueOf(context.request().getHeader(Headers.PREFER));
    if (prefer.contains(Headers.RESPOND_ASYNC)) {
      checkQueueable(event.event());
      AsyncInvocation accepted = async.accepted(id, pool.function().name());
      InvocationRequest request =
          new InvocationRequest(id, event, arrived, () -> async.running(id));
      async.follow(id, admission.admit(() -> pool.invoke(request)), e -> Replies.problemOf(e, id));
      context.response().putHeader("Location", "/v1/invocations/" + id);
      Replies.json(context, 202, accepted);
      return;
    }
    InvocationRequest request = new InvocationRequest(id, event, arrived, () -> {});
    Future<InvocationOutcome> outcome = admission.admit(() -> pool.invoke(request));
    outcome
        .onSuccess(done -> reply(context, done))
        .onFailure(e -> Replies.problem(context, Replies.problemOf(e, id)));
  }

  private static void checkQueueable(Buffer event) {
    if (event.length() > MAX_QUEUED_BYTES) {
      throw new ServiceException(
          ProblemCode.BODY_TOO_LARGE,
          "The event has %d bytes; the limit for asynchronous invocations is %d bytes."
              .formatted(event.length(), MAX_QUEUED_BYTES));
    }
  }

  /** The event; checked to be JSON here, so that every runtime may rely on it. */
  private static Buffer event(RoutingContext context) {
    Buffer event = RequestBody.bytes(context);
    if (event.length() == 0) {
      return EMPTY_EVENT;
    }
    try (JsonParser parser = EVENTS.createParser(event.getBytes())) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        return EMPTY_EVENT;
      }
      parser.skipChildren();
      if (parser.nextToken() != null) {
        throw new InvalidFieldException(
            InvalidFieldException.BODY, "holds more than one JSON value", "Send one event.");
      }
      return event;
    } catch (IOException e) {
      throw new InvalidFieldException(
          InvalidFieldException.BODY,
          "is not JSON: " + firstLine(e),
          "Send the event as JSON, or no body.");
    }
  }

  private static String firstLine(IOException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private static void reply(RoutingContext context, InvocationOutcome outcome) {
    HttpServerResponse response = context.response();
    response.putHeader(Headers.START, outcome.start().wire());
    if (outcome.instance() != null) {
      response.putHeader(Headers.INSTANCE, outcome.instance());
    }
    if (outcome.snapshot() != null) {
      response.putHeader(Headers.SNAPSHOT, outcome.snapshot());
    }
    if (outcome.mode() != null) {
      response.putHeader(Headers.RESTORE_MODE, outcome.mode().wire());
    }
    response.putHeader(Headers.SERVER_TIMING, outcome.timing().format());
    Buffer result = outcome.result();
    if (outcome.failure() != null) {
      response.putHeader(Headers.FUNCTION_ERROR, Headers.UNHANDLED);
      result = Buffer.buffer(Json.write(outcome.failure()));
    }
    if (outcome.streamed()) {
      response.putHeader(Headers.RESPONSE_MODE, "streaming");
    }
    Replies.end(context, 200, outcome.contentType(), result);
  }

  private void result(RoutingContext context) {
    String id = context.pathParam("id");
    AsyncInvocation found =
        async
            .find(id)
            .orElseThrow(
                () ->
                    new ServiceException(
                        ProblemCode.UNKNOWN_INVOCATION,
                        "There is no invocation '%s', or its result is no longer kept."
                            .formatted(id)));
    Replies.json(context, 200, found);
  }
}
