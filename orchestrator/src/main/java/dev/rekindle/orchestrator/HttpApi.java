package dev.rekindle.orchestrator;

import dev.rekindle.api.Problem;
import dev.rekindle.api.ProblemCode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The HTTP server: routes, and one shape for all failures. */
final class HttpApi {
  private static final Map<Integer, ProblemCode> BY_STATUS =
      Map.of(
          400, ProblemCode.INVALID_REQUEST,
          404, ProblemCode.NOT_FOUND,
          405, ProblemCode.METHOD_NOT_ALLOWED,
          406, ProblemCode.NOT_ACCEPTABLE,
          413, ProblemCode.BODY_TOO_LARGE,
          415, ProblemCode.UNSUPPORTED_MEDIA_TYPE);

  private final Router router;

  HttpApi(
      Vertx vertx,
      RandomGenerator random,
      FunctionRoutes functions,
      InvocationRoutes invocations,
      SnapshotRoutes snapshots,
      OperationsRoutes operations) {
    router = Router.router(vertx);
    router
        .route()
        .handler(
            context -> {
              Replies.identify(context, Ids.request(random));
              context.next();
            })
        .failureHandler(HttpApi::failed);
    functions.mount(router);
    invocations.mount(router);
    snapshots.mount(router);
    operations.mount(router);
    BY_STATUS.keySet().forEach(status -> router.errorHandler(status, HttpApi::failed));
    router.errorHandler(500, HttpApi::failed);
  }

  /** Listens; fails if the port is taken. */
  Future<HttpServer> listen(Vertx vertx, String host, int port) {
    HttpServerOptions options =
        new HttpServerOptions().setHost(host).setPort(port).setTcpNoDelay(true);
    return vertx.createHttpServer(options).requestHandler(router).listen();
  }

  private static void failed(RoutingContext context) {
    if (context.response().ended()) {
      return;
    }
    ProblemCode code = BY_STATUS.get(context.statusCode());
    if (code == null) {
      Throwable e = context.failure();
      Replies.problem(
          context,
          Replies.problemOf(
              e == null ? new IllegalStateException("status " + context.statusCode()) : e,
              Replies.requestId(context)));
      return;
    }
    Replies.problem(
        context,
        Problem.of(
            code,
            "%s %s: %s"
                .formatted(context.request().method(), context.request().path(), code.title()),
            Replies.requestId(context)));
  }
}
