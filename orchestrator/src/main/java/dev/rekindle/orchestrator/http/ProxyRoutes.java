package dev.rekindle.orchestrator.http;

import dev.rekindle.api.ProblemCode;
import dev.rekindle.orchestrator.instance.FunctionRuntime;
import dev.rekindle.orchestrator.instance.InvocationOutcome;
import dev.rekindle.orchestrator.instance.InvocationRequest;
import dev.rekindle.orchestrator.node.Admission;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.orchestrator.node.ServiceException;
import dev.rekindle.orchestrator.pool.FunctionPool;
import dev.rekindle.orchestrator.pool.FunctionRegistry;
import dev.rekindle.warmers.channel.HttpChannel;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;

/** The way to functions that serve HTTP: {@code /function/NAME/…}, all methods. */
public final class ProxyRoutes {
  private static final String PREFIX = FunctionRuntime.HTTP_PREFIX;

  /** How long a refused request's body is still read, so that its sender gets to the reply. */
  private static final long DRAIN_MS = 2_000;

  private final EventLoop loop;
  private final HttpChannel channel;
  private final long maxBodyBytes;
  private final FunctionRegistry functions;
  private final Admission admission;

  /**
   * The way to those functions.
   *
   * @param channel speaks to instances that serve HTTP
   * @param maxBodyBytes the largest body of a request
   */
  public ProxyRoutes(
      EventLoop loop,
      HttpChannel channel,
      long maxBodyBytes,
      FunctionRegistry functions,
      Admission admission) {
    this.loop = loop;
    this.channel = channel;
    this.maxBodyBytes = maxBodyBytes;
    this.functions = functions;
    this.admission = admission;
  }

  void mount(Router router) {
    router.route(PREFIX + "*").handler(this::forward);
  }

  private void forward(RoutingContext context) {
    long arrived = loop.nanoTime();
    HttpServerRequest request = context.request();
    request.pause();
    try {
      Target target = target(request);
      FunctionPool pool = functions.get(target.function()).pool();
      check(request, pool.runtime());
      HttpProxy proxy = new HttpProxy(context, target.uri(), loop, channel, maxBodyBytes);
      InvocationRequest invocation =
          new InvocationRequest(Replies.requestId(context), proxy, arrived, () -> {});
      context.addEndHandler(
          ended -> {
            if (ended.failed()) {
              invocation.outcome().tryFail(clientLeft());
              proxy.cancel();
            }
          });
      admission
          .admit(() -> pool.invoke(invocation))
          .onSuccess(outcome -> answered(context, proxy, outcome))
          .onFailure(e -> refuse(context, e));
    } catch (RuntimeException e) {
      refuse(context, e);
    }
  }

  /** A function and what its server is asked for, in the form in which it came. */
  private record Target(String function, String uri) {}

  private static Target target(HttpServerRequest request) {
    // Not the normalized path: dots and escapes are the server's own affair.
    String path = String.valueOf(request.path());
    if (!path.startsWith(PREFIX)) {
      throw new ServiceException(
          ProblemCode.NOT_FOUND, "The path of a function begins with " + PREFIX + "NAME/.");
    }
    int end = path.indexOf('/', PREFIX.length());
    String name = path.substring(PREFIX.length(), end < 0 ? path.length() : end);
    String rest = end < 0 ? "/" : path.substring(end);
    return new Target(name, request.query() == null ? rest : rest + "?" + request.query());
  }

  private void check(HttpServerRequest request, FunctionRuntime runtime) {
    if (!runtime.servesHttp()) {
      throw runtime.notServing();
    }
    String upgrade = String.valueOf(request.getHeader("Upgrade")).toLowerCase(Locale.ROOT);
    boolean connect = request.method().equals(HttpMethod.CONNECT);
    if (connect || upgrade.contains("websocket")) {
      throw new ServiceException(
          ProblemCode.UPGRADE_NOT_SUPPORTED,
          "Functions take plain HTTP requests; '%s' asks for another protocol."
              .formatted(connect ? "CONNECT" : upgrade));
    }
    String length = request.getHeader("Content-Length");
    if (length != null && length.length() < 19) {
      long bytes = Long.parseLong(length); // the HTTP decoder has seen to it that it is a number
      if (bytes > maxBodyBytes) {
        throw HttpProxy.tooLarge(maxBodyBytes);
      }
    }
  }

  private static ServiceException clientLeft() {
    return new ServiceException(ProblemCode.INVALID_REQUEST, "The client left before its reply.");
  }

  /** The reply has been passed on, unless the function failed. */
  private void answered(RoutingContext context, HttpProxy proxy, InvocationOutcome outcome) {
    if (outcome.failure() != null && !proxy.isReplied()) {
      refuse(context, proxy.problem(outcome.failure()));
    } else {
      drain(context);
    }
  }

  private void refuse(RoutingContext context, Throwable e) {
    if (context.response().ended() || context.response().closed()) {
      drain(context);
    } else if (context.response().headWritten()) {
      // All that is left to say is that the reply is not whole.
      var unused = context.request().connection().close();
    } else {
      Replies.problem(context, Replies.problemOf(e, Replies.requestId(context)));
      drain(context);
    }
  }

  /** Reads what is left of the request, for a moment: the connection is of no use before. */
  private void drain(RoutingContext context) {
    HttpServerRequest request = context.request();
    if (request.isEnded()) {
      return;
    }
    EventLoop.Timer timer = loop.after(DRAIN_MS, () -> request.connection().close());
    request.exceptionHandler(broken -> timer.cancel());
    request.endHandler(ended -> timer.cancel());
    request.handler(piece -> {});
    request.resume();
  }
}
