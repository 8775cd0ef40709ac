package dev.rekindle.orchestrator.http;

import dev.rekindle.api.Headers;
import dev.rekindle.api.InvalidFieldException;
import dev.rekindle.api.Json;
import dev.rekindle.api.Problem;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.engine.sandbox.SandboxException;
import dev.rekindle.orchestrator.node.ServiceException;
import dev.rekindle.store.StoreException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.lang.System.Logger;

/** Turns results and failures into HTTP replies. */
final class Replies {
  private static final Logger LOG = System.getLogger(Replies.class.getName());
  private static final String REQUEST_ID = "rekindle.request-id";

  /** When a place may have become free: a typical cold start. */
  private static final String RETRY_AFTER_SECONDS = "1";

  private Replies() {}

  /** Gives the request an id, which every reply carries. */
  static void identify(RoutingContext context, String requestId) {
    context.put(REQUEST_ID, requestId);
    context.response().putHeader(Headers.REQUEST_ID, requestId);
  }

  static String requestId(RoutingContext context) {
    return String.valueOf(context.<Object>get(REQUEST_ID));
  }

  /** Answers with a JSON document once it is there. */
  static void json(RoutingContext context, int status, Future<?> value) {
    value
        .onSuccess(body -> json(context, status, body))
        .onFailure(e -> problem(context, problemOf(e, requestId(context))));
  }

  /** Answers with a JSON document. */
  static void json(RoutingContext context, int status, Object value) {
    end(context, status, "application/json", Buffer.buffer(Json.write(value)));
  }

  /** Answers with nothing once something is done. */
  static void nothing(RoutingContext context, Future<?> done) {
    done.onSuccess(unused -> context.response().setStatusCode(204).end())
        .onFailure(e -> problem(context, problemOf(e, requestId(context))));
  }

  static void end(RoutingContext context, int status, String type, Buffer body) {
    HttpServerResponse response = context.response();
    if (!response.ended() && !response.closed()) {
      response.setStatusCode(status).putHeader("Content-Type", type);
      var unused = response.end(body);
    }
  }

  /** Answers with a failure. */
  static void problem(RoutingContext context, Problem problem) {
    if (problem.status() == 429) {
      context.response().putHeader("Retry-After", RETRY_AFTER_SECONDS);
    }
    end(context, problem.status(), Problem.MEDIA_TYPE, Buffer.buffer(Json.write(problem)));
  }

  /** What a caller is told of a failure. */
  static Problem problemOf(Throwable e, String requestId) {
    if (e instanceof ServiceException known) {
      return Problem.of(known.code(), String.valueOf(known.getMessage()), requestId, known.next());
    }
    if (e instanceof InvalidFieldException invalid) {
      return Problem.of(invalid, requestId);
    }
    if (e instanceof StoreException store) {
      ProblemCode code =
          switch (store.reason()) {
            case NOT_FOUND -> ProblemCode.UNKNOWN_SNAPSHOT;
            case DAMAGED, UNSUPPORTED_FORMAT -> ProblemCode.SNAPSHOT_UNUSABLE;
            case NO_SPACE -> ProblemCode.NO_SPACE;
            default -> ProblemCode.STORE_UNAVAILABLE;
          };
      return Problem.of(code, String.valueOf(store.getMessage()), requestId);
    }
    if (e instanceof SandboxException sandbox) {
      return Problem.of(ProblemCode.START_FAILED, String.valueOf(sandbox.getMessage()), requestId);
    }
    LOG.log(Logger.Level.ERROR, "event=defect request=" + requestId, e);
    return Problem.of(ProblemCode.INTERNAL, "The service failed in an unforeseen way.", requestId);
  }
}
