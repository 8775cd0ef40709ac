package dev.rekindle.orchestrator.http;

import dev.rekindle.api.Headers;
import dev.rekindle.api.Json;
import dev.rekindle.api.Problem;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.orchestrator.node.Ids;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** The HTTP server: routes, and one shape for all failures. */
public final class HttpApi {
  private static final Map<Integer, ProblemCode> BY_STATUS =
      Map.of(
          400, ProblemCode.INVALID_REQUEST,
          404, ProblemCode.NOT_FOUND,
          405, ProblemCode.METHOD_NOT_ALLOWED,
          406, ProblemCode.NOT_ACCEPTABLE,
          413, ProblemCode.BODY_TOO_LARGE,
          415, ProblemCode.UNSUPPORTED_MEDIA_TYPE);

  private final Router router;
  private final RandomGenerator random;

  /** The API of these routes. */
  public HttpApi(
      Vertx vertx,
      RandomGenerator random,
      FunctionRoutes functions,
      InvocationRoutes invocations,
      ProxyRoutes http,
      SnapshotRoutes snapshots,
      RecordingRoutes recordings,
      OperationsRoutes operations) {
    router = Router.router(vertx);
    router
        .route()
        .handler(
            context -> {
              Replies.identify(context, Ids.request(random));
              context.next();
            })
        .failureHandler(context -> failed(context, context.statusCode()));
    functions.mount(router);
    invocations.mount(router);
    http.mount(router);
    snapshots.mount(router);
    recordings.mount(router);
    operations.mount(router);
    // The status is not in the context when the router itself refuses a request.
    BY_STATUS.keySet().forEach(s -> router.errorHandler(s, context -> failed(context, s)));
    router.errorHandler(500, context -> failed(context, context.statusCode()));
    this.random = random;
  }

  /** Listens; fails if the port is taken. */
  public Future<HttpServer> listen(Vertx vertx, String host, int port) {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(host)
            .setPort(port)
            .setTcpNoDelay(true)
            .setMaxFormAttributeSize(RequestBody.FORM_BYTES);
    return vertx
        .createHttpServer(options)
        .requestHandler(router)
        .invalidRequestHandler(this::unreadable)
        .listen();
  }

  /** What arrived is no HTTP, or its line or headers are too long: no route ever sees it. */
  private void unreadable(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    String id = Ids.request(random);
    Problem problem =
        Problem.of(
            ProblemCode.INVALID_REQUEST,
            "The request is no HTTP that this service reads: "
                + (cause == null ? "malformed" : cause.getMessage()),
            id);
    request
        .response()
        .setStatusCode(problem.status())
        .putHeader(Headers.REQUEST_ID, id)
        .putHeader("Content-Type", Problem.MEDIA_TYPE)
        .end(Buffer.buffer(Json.write(problem)))
        .onComplete(sent -> request.connection().close());
  }

  /** The methods that the routes of a request's path take. */
  private String allowed(RoutingContext context) {
    String path = context.normalizedPath();
    return router.getRoutes().stream()
        .filter(route -> route.methods() != null && route.getPath() != null)
        .filter(route -> path.matches(route.getPath().replaceAll(":[a-z]+", "[^/]+")))
        .flatMap(route -> route.methods().stream())
        .map(HttpMethod::name)
        .distinct()
        .sorted()
        .collect(Collectors.joining(", "));
  }

  private void failed(RoutingContext context, int status) {
    if (context.response().ended() || context.failure() instanceof HttpClosedException) {
      return; // nobody is there to be told
    }
    ProblemCode code = BY_STATUS.get(status);
    if (code == ProblemCode.METHOD_NOT_ALLOWED) {
      context.response().putHeader("Allow", allowed(context));
    }
    if (code == null) {
      Throwable e = context.failure();
      Replies.problem(
          context,
          Replies.problemOf(
              e == null ? new IllegalStateException("status " + status) : e,
              Replies.requestId(context)));
      return;
    }
    Replies.problem(
        context,
        Problem.of(
            code,
            "%s %s: %s"
                .formatted(
                    context.request().method(), context.request().path(), why(context, code)),
            Replies.requestId(context)));
  }

  /** The title, the cause where there is one, and the limits where one may have been passed. */
  private static String why(RoutingContext context, ProblemCode code) {
    Throwable cause = context.failure();
    String known = cause == null || cause.getMessage() == null ? "" : ": " + cause.getMessage();
    boolean mayBeSize =
        code == ProblemCode.BODY_TOO_LARGE
            || (code == ProblemCode.INVALID_REQUEST && RequestBody.isMultipart(context));
    String limits = mayBeSize ? ". " + RequestBody.limits(context) : "";
    return code.title() + known + limits;
  }
}
