package dev.rekindle.warmers.channel;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;

/** One request to an instance and its reply, over a connection of their own. */
final class Exchange {
  private final Promise<Frame> outcome = Promise.promise();
  private final Path socketPath;
  private final FrameReader reader;
  private final boolean untilClosed;

  private Exchange(Path socketPath, long maxReplyBytes, boolean untilClosed) {
    this.socketPath = socketPath;
    this.reader = new FrameReader(maxReplyBytes);
    this.untilClosed = untilClosed;
  }

  /**
   * Sends the request.
   *
   * @param untilClosed succeed only when the instance has closed its end as well, so that it holds
   *     no connection when it is dumped
   */
  static Future<Frame> run(
      Vertx vertx,
      NetClient client,
      Path socketPath,
      Buffer request,
      Duration timeout,
      long maxReplyBytes,
      boolean untilClosed) {
    Exchange exchange = new Exchange(socketPath, maxReplyBytes, untilClosed);
    long timer = vertx.setTimer(Math.max(1, timeout.toMillis()), id -> exchange.timedOut(timeout));
    client
        .connect(SocketAddress.domainSocketAddress(socketPath.toString()))
        .onSuccess(socket -> exchange.connected(socket, request))
        .onFailure(exchange::notConnected);
    return exchange.outcome.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  private void connected(NetSocket socket, Buffer request) {
    // However it ends (reply, damage, timeout), the connection ends with it.
    outcome.future().onComplete(done -> socket.close());
    if (outcome.future().isComplete()) {
      return;
    }
    Promise<Frame> reply = Promise.promise();
    socket.handler(
        piece -> {
          try {
            reader.add(piece).ifPresent(reply::tryComplete);
          } catch (ChannelException damaged) {
            outcome.tryFail(damaged);
          }
        });
    socket.closeHandler(
        closed -> {
          if (reply.future().isComplete()) {
            outcome.tryComplete(reply.future().result());
          } else {
            outcome.tryFail(closedEarly());
          }
        });
    if (!untilClosed) {
      reply.future().onSuccess(outcome::tryComplete);
    }
    // Its failure needs no handler of its own: the connection closes then.
    socket.write(request);
  }

  private void notConnected(Throwable cause) {
    outcome.tryFail(
        new ChannelException(
            ChannelException.Cause.CANNOT_CONNECT,
            "nobody accepts connections on "
                + socketPath
                + " ("
                + cause.getMessage()
                + "); discard the instance",
            cause));
  }

  private void timedOut(Duration timeout) {
    outcome.tryFail(
        new ChannelException(
            ChannelException.Cause.TIMEOUT,
            "no reply on "
                + socketPath
                + " within "
                + timeout.toMillis()
                + " ms; discard the instance"));
  }

  private ChannelException closedEarly() {
    return new ChannelException(
        ChannelException.Cause.CLOSED_WITHOUT_REPLY,
        "the instance closed "
            + socketPath
            + " after "
            + reader.received()
            + " bytes of reply: the function's process has left; see its log");
  }
}
