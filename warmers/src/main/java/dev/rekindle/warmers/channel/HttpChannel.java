package dev.rekindle.warmers.channel;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;

/**
 * HTTP client to the servers of instances, over their unix sockets. Never blocks. One request for
 * each connection, so that an instance that waits for work holds none and can be dumped.
 */
public final class HttpChannel {
  /** Header lines of a reply; as much as common servers send at most. */
  private static final int MAX_HEADER_BYTES = 64 << 10;

  /** How much of a reply's body a message may quote. */
  private static final int EXCERPT_BYTES = 4 << 10;

  private final Vertx vertx;
  private final HttpClient client;

  /** Makes the client. */
  public HttpChannel(Vertx vertx) {
    this.vertx = vertx;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_1_1)
                .setKeepAlive(false)
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                .setMaxInitialLineLength(MAX_HEADER_BYTES));
  }

  /** Opens a connection of its own for one request, whose head the caller still has to fill in. */
  public Future<HttpClientRequest> request(Path socket, HttpMethod method, String uri) {
    return client.request(
        new RequestOptions()
            .setServer(SocketAddress.domainSocketAddress(socket.toString()))
            .setHost("localhost")
            .setPort(80)
            .setMethod(method)
            .setURI(uri));
  }

  /**
   * Sends a request of the platform's own and reads its whole reply. Fails with a {@link
   * ChannelException}, after which the instance may still be busy.
   */
  public Future<HttpReply> send(Path socket, HttpCall call, Duration timeout) {
    Promise<HttpReply> outcome = Promise.promise();
    long timer =
        vertx.setTimer(
            Math.max(1, timeout.toMillis()),
            late ->
                outcome.tryFail(
                    new ChannelException(
                        ChannelException.Cause.TIMEOUT,
                        "no full reply to %s %s within %d ms; discard the instance"
                            .formatted(call.method(), call.path(), timeout.toMillis()))));
    request(socket, call.method(), call.path())
        .compose(
            request -> {
              outcome.future().onFailure(e -> request.reset());
              call.headers().forEach(request::putHeader);
              return (call.body().length() == 0 ? request.send() : request.send(call.body()))
                  .compose(HttpChannel::read);
            })
        .onSuccess(outcome::tryComplete)
        .onFailure(e -> outcome.tryFail(broken(call, e)));
    return outcome.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  private static Future<HttpReply> read(HttpClientResponse response) {
    Buffer excerpt = Buffer.buffer();
    response.handler(
        piece ->
            excerpt.appendBuffer(
                piece, 0, Math.min(piece.length(), EXCERPT_BYTES - excerpt.length())));
    return response
        .end()
        .map(
            ended ->
                new HttpReply(response.statusCode(), excerpt.toString(StandardCharsets.UTF_8)));
  }

  private static ChannelException broken(HttpCall call, Throwable e) {
    ChannelException.Cause cause =
        e instanceof ConnectException
            ? ChannelException.Cause.CANNOT_CONNECT
            : ChannelException.Cause.CLOSED_WITHOUT_REPLY;
    return new ChannelException(
        cause,
        "the server gave no whole reply to %s %s (%s); see the function's log"
            .formatted(call.method(), call.path(), e.getMessage()),
        e);
  }

  /**
   * Calls a hook of the function: it must answer with a status of 2xx.
   *
   * @param name what the hook is for, in messages
   */
  public Future<Void> hook(Path socket, String name, HttpCall call, Duration timeout) {
    return send(socket, call, timeout)
        .compose(
            reply ->
                reply.isSuccess()
                    ? Future.succeededFuture()
                    : Future.failedFuture(
                        new ChannelException(
                            ChannelException.Cause.HOOK_FAILED,
                            "%s failed in the function: %s %s gave status %d: %s"
                                .formatted(
                                    name,
                                    call.method(),
                                    call.path(),
                                    reply.status(),
                                    reply.excerpt().strip()))));
  }

  /** The call of a restored function's hook: it is handed what makes it differ from its twins. */
  public static HttpCall afterRestore(String path, RestoreContext context) {
    ObjectNode body =
        Frame.JSON
            .createObjectNode()
            .put("entropy", HexFormat.of().formatHex(context.entropy().getBytes()))
            .put("epochMs", context.now().toEpochMilli());
    return hookCall(path, body);
  }

  /** The call of the hook of a function that is to be frozen. */
  public static HttpCall beforeCheckpoint(String path) {
    return hookCall(path, Frame.JSON.createObjectNode());
  }

  private static HttpCall hookCall(String path, ObjectNode body) {
    return new HttpCall(
        HttpMethod.POST,
        path,
        java.util.Map.of("Content-Type", "application/json"),
        Buffer.buffer(body.toString()));
  }
}
