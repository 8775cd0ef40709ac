package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.rekindle.warmers.channel.ChannelException;
import dev.rekindle.warmers.channel.InstanceChannel;
import dev.rekindle.warmers.channel.InstanceReply;
import dev.rekindle.warmers.channel.RestoreContext;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The client against instances that answer wrongly, slowly, or not at all. */
@Timeout(60)
class InstanceChannelTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int LIMIT = 10_000;

  @TempDir Path temporary;
  private final Vertx vertx = Vertx.vertx();
  private int listening;
  private final InstanceChannel channel = new InstanceChannel(vertx, LIMIT);

  @AfterEach
  void stopVertx() {
    FunctionFixture.await(vertx.close());
  }

  /** Listens as an instance would, and does with each connection what it is told. */
  private Path instance(Consumer<NetSocket> behaviour) {
    Path socket = temporary.resolve("s" + listening++);
    FunctionFixture.await(
        vertx
            .createNetServer()
            .connectHandler(behaviour::accept)
            .listen(SocketAddress.domainSocketAddress(socket.toString())));
    return socket;
  }

  private Path instanceThatAnswers(Buffer reply) {
    return instance(connection -> connection.handler(request -> connection.end(reply)));
  }

  private static Buffer frame(String header, String body) {
    Buffer headerBytes = Buffer.buffer(header);
    Buffer bodyBytes = Buffer.buffer(body);
    return Buffer.buffer()
        .appendInt(headerBytes.length())
        .appendBuffer(headerBytes)
        .appendInt(bodyBytes.length())
        .appendBuffer(bodyBytes);
  }

  private ChannelException failure(Path socket, Duration timeout) {
    return FunctionFixture.failure(
        channel.invoke(socket, FunctionFixture.invocation("{}"), timeout));
  }

  @Test
  void reply_inSingleBytes_isPutTogether() {
    Buffer reply = frame("{\"ok\":true}", "[\"ż\"]");
    Path socket =
        instance(
            connection ->
                connection.handler(
                    request -> {
                      for (int i = 0; i < reply.length(); i++) {
                        connection.write(reply.slice(i, i + 1));
                      }
                    }));
    InstanceReply answer =
        FunctionFixture.await(channel.invoke(socket, FunctionFixture.invocation("{}"), PATIENCE));
    assertThat(answer).isEqualTo(new InstanceReply.Success(Buffer.buffer("[\"ż\"]")));
  }

  @Test
  void reply_overTheLimit_failsBeforeItIsRead() {
    // The announced bytes never come: the length alone decides.
    Buffer announced =
        Buffer.buffer().appendInt(11).appendString("{\"ok\":true}").appendInt(LIMIT + 1);
    Path socket =
        instance(connection -> connection.handler(request -> connection.write(announced)));
    ChannelException failure = failure(socket, PATIENCE);
    assertThat(failure.reason()).isEqualTo(ChannelException.Cause.REPLY_TOO_LARGE);
    assertThat(failure).hasMessageContaining("" + (LIMIT + 1)).hasMessageContaining("" + LIMIT);
  }

  @Test
  void reply_atTheLimit_passes() {
    Path socket = instanceThatAnswers(frame("{\"ok\":true}", "1".repeat(LIMIT)));
    InstanceReply answer =
        FunctionFixture.await(channel.invoke(socket, FunctionFixture.invocation("{}"), PATIENCE));
    assertThat(answer)
        .isInstanceOfSatisfying(
            InstanceReply.Success.class, s -> assertThat(s.result().length()).isEqualTo(LIMIT));
  }

  @Test
  void reply_damaged_isABadFrame() {
    List<Buffer> damaged =
        List.of(
            frame("no json", ""),
            frame("[]", ""),
            frame("{}", ""),
            frame("{\"ok\":1}", ""),
            frame("", ""),
            frame("{\"ok\":true}", "1").appendString("more"),
            Buffer.buffer().appendInt(-1).appendString("{"));
    for (Buffer reply : damaged) {
      Path socket = instanceThatAnswers(reply);
      assertThat(failure(socket, PATIENCE).reason())
          .as("%s", reply)
          .isEqualTo(ChannelException.Cause.BAD_FRAME);
    }
  }

  @Test
  void reply_random_failsAndNeverHangs() {
    Random random = new Random(7);
    Path socket =
        instance(
            connection ->
                connection.handler(
                    request -> {
                      byte[] bytes = new byte[random.nextInt(64)];
                      random.nextBytes(bytes);
                      connection.end(Buffer.buffer(bytes));
                    }));
    for (int round = 0; round < 200; round++) {
      assertThat(failure(socket, PATIENCE).reason())
          .isIn(
              ChannelException.Cause.BAD_FRAME,
              ChannelException.Cause.CLOSED_WITHOUT_REPLY,
              ChannelException.Cause.REPLY_TOO_LARGE);
    }
  }

  @Test
  void reply_cutShort_isClosedWithoutReply() {
    Path socket = instanceThatAnswers(frame("{\"ok\":true}", "[1,2,3]").slice(0, 20));
    ChannelException failure = failure(socket, PATIENCE);
    assertThat(failure.reason()).isEqualTo(ChannelException.Cause.CLOSED_WITHOUT_REPLY);
    assertThat(failure).hasMessageContaining("20 bytes");
  }

  @Test
  void connect_nobodyListens_saysWhere() {
    Path socket = temporary.resolve("absent");
    ChannelException failure = failure(socket, PATIENCE);
    assertThat(failure.reason()).isEqualTo(ChannelException.Cause.CANNOT_CONNECT);
    assertThat(failure).hasMessageContaining(socket.toString());
  }

  @Test
  void timeout_closesTheConnection() throws Exception {
    CompletableFuture<Boolean> closed = new CompletableFuture<>();
    Path socket = instance(connection -> connection.closeHandler(done -> closed.complete(true)));
    ChannelException failure = failure(socket, Duration.ofMillis(50));
    assertThat(failure.reason()).isEqualTo(ChannelException.Cause.TIMEOUT);
    assertThat(closed.get(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void beforeCheckpoint_waitsUntilTheInstanceHasClosed() {
    Path socket =
        instance(
            connection ->
                connection.handler(request -> connection.write(frame("{\"ok\":true}", ""))));
    // The reply is whole at once; without the close it must not count.
    ChannelException failure =
        FunctionFixture.failure(channel.beforeCheckpoint(socket, Duration.ofMillis(300)));
    assertThat(failure.reason()).isEqualTo(ChannelException.Cause.TIMEOUT);
  }

  @Test
  void entropy_ofAnotherLength_isRefused() {
    assertThat(
            catchThrowable(
                () -> new RestoreContext(Map.of(), Buffer.buffer("short"), Instant.EPOCH)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("64");
  }
}
