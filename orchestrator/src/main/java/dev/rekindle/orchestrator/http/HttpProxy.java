package dev.rekindle.orchestrator.http;

import dev.rekindle.api.FunctionFailure;
import dev.rekindle.api.Headers;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.instance.Attempt;
import dev.rekindle.orchestrator.instance.Delivery;
import dev.rekindle.orchestrator.instance.FunctionFailures;
import dev.rekindle.orchestrator.instance.FunctionRuntime;
import dev.rekindle.orchestrator.instance.Instance;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.orchestrator.node.ServiceException;
import dev.rekindle.warmers.channel.HttpChannel;
import dev.rekindle.warmers.channel.InstanceReply;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Passes one HTTP request on to the instance that took it, and the reply back, piece by piece. The
 * instance serves nothing else until its reply is whole. Lives on the service's event loop.
 */
final class HttpProxy implements Delivery {
  /**
   * A client that waits for "100 Continue" gets it after this time even if the server does not say
   * it: servers of HTTP/1.0 never do.
   */
  private static final long CONTINUE_MS = 1_000;

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final String requestId;
  private final String uri;
  private final EventLoop loop;
  private final HttpChannel channel;
  private final long maxBodyBytes;
  private Promise<Result> end = Promise.promise();
  private @Nullable Attempt attempt;
  private @Nullable HttpClientRequest upstream;
  private boolean replied;
  private boolean sending;
  private long bodyBytes;

  /**
   * A request that has arrived.
   *
   * @param context its request is paused
   * @param uri what the server is asked for
   * @param loop the service's event loop
   * @param channel speaks to instances
   * @param maxBodyBytes the largest body
   */
  HttpProxy(
      RoutingContext context, String uri, EventLoop loop, HttpChannel channel, long maxBodyBytes) {
    this.request = context.request();
    this.response = context.response();
    this.requestId = Replies.requestId(context);
    this.uri = uri;
    this.loop = loop;
    this.channel = channel;
    this.maxBodyBytes = maxBodyBytes;
  }

  /** Whether the server's reply is on its way to the client, to its end. */
  boolean isReplied() {
    return replied;
  }

  /** What the client is told of a failure of the function's. */
  ServiceException problem(FunctionFailure failure) {
    String detail = failure.errorMessage();
    if (attempt == null) {
      return new ServiceException(ProblemCode.START_FAILED, detail);
    }
    return failure.errorType().equals(FunctionFailure.TIMED_OUT)
        ? new ServiceException(ProblemCode.FUNCTION_TIMEOUT, detail)
        : new ServiceException(ProblemCode.BAD_FUNCTION_REPLY, detail);
  }

  /** The client has gone: what the server still does is of no use to anybody. */
  void cancel() {
    // A server may go on with it for as long as it likes, so this instance takes no other request.
    finish(
        new Result.Refused(
            new ServiceException(ProblemCode.INVALID_REQUEST, "its client left in the middle"),
            false));
  }

  /** What a client gets whose body is too large. */
  static ServiceException tooLarge(long limit) {
    return new ServiceException(
        ProblemCode.BODY_TOO_LARGE,
        "The request's body has more than %d bytes (maxHttpBodyBytes).".formatted(limit),
        "Send a smaller body, or raise maxHttpBodyBytes in the service's configuration.");
  }

  @Override
  public Future<Result> deliver(Attempt attempt) {
    this.attempt = attempt;
    Promise<Result> end = Promise.promise(); // a new one: another instance may have failed
    this.end = end;
    FunctionRuntime runtime = attempt.runtime();
    if (!runtime.servesHttp()) {
      return Future.succeededFuture(new Result.Refused(runtime.notServing(), true));
    }
    introduce(attempt);
    DeployedFunction function = runtime.function();
    EventLoop.Timer timer =
        loop.after(
            function.settings().timeoutMs(),
            () -> finish(new Result.Failure(FunctionFailures.timedOut(function), false)));
    channel
        .request(attempt.instance().socket(), request.method(), uri)
        .onSuccess(opened -> ask(attempt, opened))
        .onFailure(e -> finish(new Result.NotTaken()));
    return end.future().onComplete(done -> timer.cancel());
  }

  /** Says who serves; also a reply that is a problem carries it. */
  private void introduce(Attempt attempt) {
    Instance.Origin origin = attempt.instance().origin();
    response.putHeader(Headers.START, attempt.kind().wire());
    response.putHeader(Headers.INSTANCE, attempt.instance().id());
    if (origin != null) {
      response.putHeader(Headers.SNAPSHOT, origin.id());
      response.putHeader(Headers.RESTORE_MODE, origin.mode().wire());
    }
  }

  private void finish(Result how) {
    if (end.tryComplete(how) && !leavesUsable(how) && upstream != null) {
      upstream.reset();
    }
  }

  /** Whether the connection may end as it likes: nothing of the request is under way any more. */
  private static boolean leavesUsable(Result how) {
    return how instanceof Result.Answer
        || (how instanceof Result.Failure failure && failure.usable())
        || (how instanceof Result.Refused refused && refused.usable());
  }

  private void ask(Attempt attempt, HttpClientRequest opened) {
    upstream = opened;
    if (end.future().isComplete()) {
      opened.reset();
      return;
    }
    ProxyHeaders.copy(request.headers(), opened.headers());
    ProxyHeaders.addForwarded(request, attempt.runtime().name(), requestId, opened.headers());
    opened.exceptionHandler(e -> {}); // the response's future fails of it, too
    opened.response().onSuccess(reply -> answer(attempt, reply)).onFailure(e -> broken(e));
    if (!hasBody()) {
      sending = true;
      request.resume();
      opened.end();
    } else if (request.headers().contains("Expect", "100-continue", true)) {
      opened.continueHandler(agreed -> send(opened));
      EventLoop.Timer patience = loop.after(CONTINUE_MS, () -> send(opened));
      end.future().onComplete(done -> patience.cancel());
      chunkIfNeeded(opened);
      opened.sendHead();
    } else {
      chunkIfNeeded(opened);
      send(opened);
    }
  }

  private boolean hasBody() {
    String length = request.getHeader("Content-Length");
    return length == null
        ? request.headers().contains("Transfer-Encoding") || (isHttp2() && !request.isEnded())
        : !length.equals("0");
  }

  private boolean isHttp2() {
    return request.version().equals(io.vertx.core.http.HttpVersion.HTTP_2);
  }

  private void chunkIfNeeded(HttpClientRequest opened) {
    opened.setChunked(!request.headers().contains("Content-Length"));
  }

  /** Passes the request's body on; no faster than the server reads it. */
  private void send(HttpClientRequest opened) {
    if (sending || replied || end.future().isComplete()) {
      return;
    }
    sending = true;
    if (request.headers().contains("Expect", "100-continue", true)) {
      response.writeContinue();
    }
    request.handler(
        piece -> {
          bodyBytes += piece.length();
          if (bodyBytes > maxBodyBytes) {
            finish(new Result.Refused(tooLarge(maxBodyBytes), false));
            return;
          }
          // Its failure tells nothing that the missing reply does not tell.
          opened.write(piece);
          if (opened.writeQueueFull()) {
            request.pause();
            opened.drainHandler(room -> request.resume());
          }
        });
    request.endHandler(ended -> opened.end());
    request.resume();
  }

  private void answer(Attempt attempt, HttpClientResponse reply) {
    if (end.future().isComplete() || response.closed()) {
      cancel();
      return;
    }
    response.setStatusCode(reply.statusCode()).setStatusMessage(reply.statusMessage());
    ProxyHeaders.copy(reply.headers(), response.headers());
    response.headers().add(Headers.SERVER_TIMING, attempt.timing().format());
    boolean bodiless =
        request.method().equals(HttpMethod.HEAD)
            || reply.statusCode() == 204
            || reply.statusCode() == 304;
    if (!bodiless && !reply.headers().contains("Content-Length")) {
      response.setChunked(true);
    }
    if (!sending) {
      // Answered without its body, which may never come: the connection cannot be used again.
      response.putHeader("Connection", "close");
    }
    reply.exceptionHandler(e -> broken(e));
    reply.endHandler(
        ended -> {
          replied = true;
          if (!bodiless) {
            response.trailers().addAll(reply.trailers());
          }
          response.end();
          finish(ended(reply.statusCode()));
        });
    if (!bodiless) {
      reply.handler(
          piece -> {
            response.write(piece);
            if (response.writeQueueFull()) {
              reply.pause();
              response.drainHandler(room -> reply.resume());
            }
          });
    }
  }

  /** A reply of 5xx is the function's failure, though it reached its client. */
  private static Result ended(int status) {
    return status < 500
        ? new Result.Answer(Buffer.buffer(), InstanceReply.Success.JSON, false)
        : new Result.Failure(
            new FunctionFailure("status " + status, "Http.ServerError", List.of()), true);
  }

  /** The server closed the connection in the middle, because its process ended or by itself. */
  private void broken(Throwable e) {
    if (!end.future().isComplete()) {
      FunctionFailure closed =
          new FunctionFailure(
              "The server closed the connection before its reply was whole, or sent no HTTP (%s)."
                  .formatted(e.getMessage()),
              "Http.BrokenReply",
              List.of());
      finish(new Result.Closed(Optional.of(closed)));
    }
  }
}
