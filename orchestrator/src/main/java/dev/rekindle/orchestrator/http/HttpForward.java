package dev.rekindle.orchestrator.http;

import dev.rekindle.api.FunctionFailure;
import dev.rekindle.api.Headers;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.instance.Failures;
import dev.rekindle.orchestrator.instance.Handover;
import dev.rekindle.orchestrator.instance.Instance;
import dev.rekindle.orchestrator.instance.Node;
import dev.rekindle.orchestrator.node.ServiceException;
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
import org.jspecify.annotations.Nullable;

/**
 * Passes one HTTP request on to the instance that took it, and the reply back, piece by piece. The
 * instance serves nothing else until its reply is whole. Lives on the service's event loop.
 */
final class HttpForward implements Handover.Delivery {
  /**
   * A client that waits for "100 Continue" gets it after this time even if the server does not say
   * it: servers of HTTP/1.0 never do.
   */
  private static final long CONTINUE_MS = 1_000;

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final String requestId;
  private final String uri;
  private Promise<Handover.End> end = Promise.promise();
  private @Nullable Handover handover;
  private @Nullable HttpClientRequest upstream;
  private boolean replied;
  private boolean sending;
  private long bodyBytes;

  /**
   * A request that has arrived.
   *
   * @param context its request is paused
   * @param uri what the server is asked for
   */
  HttpForward(RoutingContext context, String uri) {
    this.request = context.request();
    this.response = context.response();
    this.requestId = Replies.requestId(context);
    this.uri = uri;
  }

  /** Whether the server's reply is on its way to the client, to its end. */
  boolean isReplied() {
    return replied;
  }

  /** What the client is told of a failure of the function's. */
  ServiceException problem(FunctionFailure failure) {
    String detail = failure.errorMessage();
    if (handover == null) {
      return new ServiceException(ProblemCode.START_FAILED, detail);
    }
    return failure.errorType().equals(Failures.TIMED_OUT)
        ? new ServiceException(ProblemCode.FUNCTION_TIMEOUT, detail)
        : new ServiceException(ProblemCode.BAD_FUNCTION_REPLY, detail);
  }

  /** The client has gone: what the server still does is of no use to anybody. */
  void cancel() {
    // A server may go on with it for as long as it likes, so this instance takes no other request.
    finish(
        Handover.refused(
            new ServiceException(ProblemCode.INVALID_REQUEST, "its client left in the middle"),
            false));
  }

  @Override
  public Future<Handover.End> to(Handover handover) {
    this.handover = handover;
    Promise<Handover.End> end = Promise.promise(); // a new one: another instance may have failed
    this.end = end;
    Node node = handover.node();
    DeployedFunction function = handover.function();
    if (!node.servesHttp(function)) {
      return Future.succeededFuture(Handover.refused(HttpRoutes.notServing(function), true));
    }
    introduce(handover);
    long timer =
        node.vertx()
            .setTimer(
                function.settings().timeoutMs(),
                late -> finish(handover.failed(Failures.timedOut(function), false)));
    node.http()
        .request(handover.instance().socket(), request.method(), uri)
        .onSuccess(opened -> ask(handover, opened))
        .onFailure(e -> finish(new Handover.End(null, null, false, false)));
    return end.future().onComplete(done -> node.vertx().cancelTimer(timer));
  }

  /** Says who serves; also a reply that is a problem carries it. */
  private void introduce(Handover handover) {
    Instance.Origin origin = handover.instance().origin();
    response.putHeader(Headers.START, handover.kind().wire());
    response.putHeader(Headers.INSTANCE, handover.instance().id());
    if (origin != null) {
      response.putHeader(Headers.SNAPSHOT, origin.id());
      response.putHeader(Headers.RESTORE_MODE, origin.mode().wire());
    }
  }

  private void finish(Handover.End how) {
    if (end.tryComplete(how) && !how.usable() && upstream != null) {
      upstream.reset();
    }
  }

  private void ask(Handover handover, HttpClientRequest opened) {
    upstream = opened;
    if (end.future().isComplete()) {
      opened.reset();
      return;
    }
    HttpHeaders.copy(request.headers(), opened.headers());
    HttpHeaders.addForwarded(request, handover.function().name(), requestId, opened.headers());
    opened.exceptionHandler(e -> {}); // the response's future fails of it, too
    opened
        .response()
        .onSuccess(reply -> answer(handover, reply))
        .onFailure(e -> broken(handover, e));
    if (!hasBody()) {
      sending = true;
      request.resume();
      opened.end();
    } else if (request.headers().contains("Expect", "100-continue", true)) {
      opened.continueHandler(agreed -> send(handover, opened));
      long patience = handover.node().vertx().setTimer(CONTINUE_MS, late -> send(handover, opened));
      end.future().onComplete(done -> handover.node().vertx().cancelTimer(patience));
      chunkIfNeeded(opened);
      opened.sendHead();
    } else {
      chunkIfNeeded(opened);
      send(handover, opened);
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
  private void send(Handover handover, HttpClientRequest opened) {
    if (sending || replied || end.future().isComplete()) {
      return;
    }
    sending = true;
    if (request.headers().contains("Expect", "100-continue", true)) {
      response.writeContinue();
    }
    long limit = handover.node().config().maxHttpBodyBytes();
    request.handler(
        piece -> {
          bodyBytes += piece.length();
          if (bodyBytes > limit) {
            finish(Handover.refused(HttpRoutes.tooLarge(handover.node().config()), false));
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

  private void answer(Handover handover, HttpClientResponse reply) {
    if (end.future().isComplete() || response.closed()) {
      cancel();
      return;
    }
    response.setStatusCode(reply.statusCode()).setStatusMessage(reply.statusMessage());
    HttpHeaders.copy(reply.headers(), response.headers());
    response.headers().add(Headers.SERVER_TIMING, handover.timing().format());
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
    reply.exceptionHandler(e -> broken(handover, e));
    reply.endHandler(
        ended -> {
          replied = true;
          if (!bodiless) {
            response.trailers().addAll(reply.trailers());
          }
          response.end();
          finish(ended(handover, reply.statusCode()));
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
  private static Handover.End ended(Handover handover, int status) {
    return status < 500
        ? handover.answered(Buffer.buffer(), InstanceReply.Success.JSON, false)
        : handover.failed(
            new FunctionFailure("status " + status, "Http.ServerError", List.of()), true);
  }

  /** The server closed the connection in the middle, because its process ended or by itself. */
  private void broken(Handover handover, Throwable e) {
    if (!end.future().isComplete()) {
      FunctionFailure closed =
          new FunctionFailure(
              "The server closed the connection before its reply was whole, or sent no HTTP (%s)."
                  .formatted(e.getMessage()),
              "Http.BrokenReply",
              List.of());
      handover.exitedOr(closed).onSuccess(this::finish).onFailure(end::tryFail);
    }
  }
}
