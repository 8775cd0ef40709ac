package dev.rekindle.warmers.channel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Client of the bootstrap protocol over an instance's unix socket. Never blocks; every future fails
 * with a {@link ChannelException}. One exchange for each connection, so that an instance that waits
 * for work holds none and can be dumped.
 */
public final class InstanceChannel {
  /** Ten times the 6 MB that Lambda allows for a reply, and some. */
  public static final long DEFAULT_MAX_REPLY_BYTES = 64L << 20;

  private final Vertx vertx;
  private final NetClient client;
  private final long maxReplyBytes;

  /** A channel that takes replies of up to {@value #DEFAULT_MAX_REPLY_BYTES} bytes. */
  public InstanceChannel(Vertx vertx) {
    this(vertx, DEFAULT_MAX_REPLY_BYTES);
  }

  /** A channel that takes replies of up to the given number of bytes. */
  public InstanceChannel(Vertx vertx, long maxReplyBytes) {
    this.vertx = vertx;
    this.client = vertx.createNetClient();
    this.maxReplyBytes = maxReplyBytes;
  }

  /**
   * Has the function handle an event.
   *
   * @param timeout for the whole exchange; afterwards the instance may still be busy, so it must
   *     not be used again
   */
  public Future<InstanceReply> invoke(Path socket, Invocation invocation, Duration timeout) {
    ObjectNode header =
        Frame.header("invoke")
            .put("requestId", invocation.requestId())
            .put("deadlineEpochMs", invocation.deadline().toEpochMilli())
            .put("functionName", invocation.functionName())
            .put("functionVersion", invocation.functionVersion())
            .put("memoryMb", invocation.memoryMb());
    invocation.details().addTo(header);
    return exchange(socket, new Frame(header, invocation.event()), timeout, false)
        .map(InstanceChannel::reply);
  }

  /**
   * Has the instance run its hooks and get ready to be dumped. When the future succeeds the
   * instance has no connection open.
   */
  public Future<Void> beforeCheckpoint(Path socket, Duration timeout) {
    Frame request = new Frame(Frame.header("beforeCheckpoint"), Buffer.buffer());
    return exchange(socket, request, timeout, true)
        .compose(reply -> hookOutcome("beforeCheckpoint", reply));
  }

  /** Has a restored instance renew what its twins share and run its hooks. */
  public Future<Void> afterRestore(Path socket, RestoreContext context, Duration timeout) {
    return exchange(socket, afterRestore(context), timeout, false)
        .compose(reply -> hookOutcome("afterRestore", reply));
  }

  /** The message that {@link #afterRestore} sends, for whoever brings it by another way. */
  public static Buffer afterRestoreMessage(RestoreContext context) {
    return afterRestore(context).encode();
  }

  /** Interprets the whole answer to {@link #afterRestoreMessage}. */
  public Future<Void> afterRestoreOutcome(Buffer answer) {
    try {
      return new FrameReader(maxReplyBytes)
          .add(answer)
          .map(reply -> hookOutcome("afterRestore", reply))
          .orElseGet(
              () ->
                  Future.failedFuture(
                      new ChannelException(
                          ChannelException.Cause.CLOSED_WITHOUT_REPLY,
                          "the instance ended its answer after "
                              + answer.length()
                              + " bytes: the function's process has left; see its log")));
    } catch (ChannelException damaged) {
      return Future.failedFuture(damaged);
    }
  }

  /**
   * Interprets the answers of all doors of an instance to {@link #afterRestoreMessage}: one after
   * the other, none where no process has a door. A process that ends meanwhile gives none.
   */
  public static Future<Void> doorsOutcome(Buffer answers) {
    int at = 0;
    try {
      while (at < answers.length()) {
        int end = at + FrameReader.length(answers.slice(at, answers.length()));
        Optional<Frame> reply = new FrameReader(answers.length()).add(answers.slice(at, end));
        if (reply.isPresent() && !reply.get().header().path("ok").booleanValue()) {
          return hookOutcome("afterRestore", reply.get());
        }
        at = end;
      }
      return Future.succeededFuture();
    } catch (ChannelException damaged) {
      return Future.failedFuture(damaged);
    }
  }

  private static Frame afterRestore(RestoreContext context) {
    ObjectNode header =
        Frame.header("afterRestore")
            .put("entropy", HexFormat.of().formatHex(context.entropy().getBytes()))
            .put("epochMs", context.now().toEpochMilli());
    ObjectNode environment = header.putObject("environment");
    context.environment().forEach(environment::put);
    return new Frame(header, Buffer.buffer());
  }

  private Future<Frame> exchange(
      Path socket, Frame request, Duration timeout, boolean untilClosed) {
    return Exchange.run(
        vertx, client, socket, request.encode(), timeout, maxReplyBytes, untilClosed);
  }

  private static InstanceReply reply(Frame frame) {
    return frame.header().path("ok").booleanValue()
        ? new InstanceReply.Success(
            frame.body(),
            frame.header().path("contentType").asText(InstanceReply.Success.JSON),
            frame.header().path("streaming").asBoolean())
        : functionError(frame.header());
  }

  private static Future<Void> hookOutcome(String operation, Frame frame) {
    if (frame.header().path("ok").booleanValue()) {
      return Future.succeededFuture();
    }
    InstanceReply.FunctionError error = functionError(frame.header());
    return Future.failedFuture(
        new ChannelException(
            ChannelException.Cause.HOOK_FAILED,
            operation
                + " failed in the function: "
                + error.errorType()
                + ": "
                + error.errorMessage()
                + "; correct the function's hook, see its log for the trace"));
  }

  private static InstanceReply.FunctionError functionError(JsonNode header) {
    ObjectNode document = header.deepCopy();
    document.remove("ok"); // the rest is the runtime's own
    return new InstanceReply.FunctionError(document);
  }
}
