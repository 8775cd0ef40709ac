package dev.rekindle.warmers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rekindle.warmers.channel.Frame;
import dev.rekindle.warmers.channel.InstanceChannel;
import dev.rekindle.warmers.channel.InstanceReply;
import dev.rekindle.warmers.channel.Invocation;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;

/** How runtimes with handlers pass the {@link SandboxContract}: by the samples of the other kit. */
abstract class HandlerSandboxContract extends SandboxContract {
  private static final ObjectMapper JSON = Frame.JSON;

  private final WarmerContract samples;
  private InstanceChannel channel = new InstanceChannel(vertx);

  /** Takes the samples from a runtime's test of the other kit. */
  HandlerSandboxContract(WarmerContract samples) {
    this.samples = samples;
  }

  @BeforeEach
  void openChannel() {
    channel = new InstanceChannel(vertx);
  }

  @Override
  String runtime() {
    return samples.runtime();
  }

  @Override
  void install(Path task) throws IOException {
    samples.install(task);
  }

  @Override
  String handler(Probe probe) {
    return samples.handler(
        switch (probe) {
          case ECHO -> Sample.ECHO;
          case PRINTS -> Sample.PRINTS;
          case ENVIRONMENT -> Sample.ENVIRONMENT;
          case EXITS -> Sample.EXITS;
          case SLEEPS -> Sample.SLEEPS;
          case EXITS_AT_BOOT -> Sample.EXITS_AT_LOAD;
        });
  }

  @Override
  String answer(Path socket, String text, Duration timeout) {
    Buffer event =
        Buffer.buffer(JSON.createObjectNode().put("text", text).put("name", text).toString());
    Invocation invocation =
        new Invocation("request-1", Instant.now().plus(timeout), "shop", "7", 512, event);
    InstanceReply reply = FunctionFixture.await(channel.invoke(socket, invocation, timeout));
    if (!(reply instanceof InstanceReply.Success success)) {
      throw new AssertionError(reply);
    }
    try {
      JsonNode result = JSON.readTree(success.result().getBytes());
      return result.isObject() ? result.path("text").asText() : result.asText();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  void beforeCheckpoint(Path socket) {
    FunctionFixture.await(channel.beforeCheckpoint(socket, PATIENCE));
  }

  @Override
  void afterRestore(Path socket) {
    FunctionFixture.await(
        channel.afterRestore(socket, FunctionFixture.restore(1, Map.of()), PATIENCE));
  }
}
