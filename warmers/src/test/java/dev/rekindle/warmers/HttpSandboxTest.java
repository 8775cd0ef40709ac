package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.engine.RestoreMode;
import dev.rekindle.engine.sandbox.Greeting;
import dev.rekindle.warmers.channel.Frame;
import dev.rekindle.warmers.channel.HttpCall;
import dev.rekindle.warmers.channel.HttpChannel;
import dev.rekindle.warmers.channel.HttpReply;
import dev.rekindle.warmers.channel.InstanceChannel;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that serve HTTP keep in sandboxes what all runtimes promise. */
class HttpSandboxTest extends SandboxContract {
  private HttpChannel channel = new HttpChannel(vertx);
  private String path = "/";
  private Buffer doors = Buffer.buffer();

  @BeforeEach
  void openChannel() {
    channel = new HttpChannel(vertx);
  }

  @Override
  String runtime() {
    return "http";
  }

  @Override
  void install(Path task) throws IOException {
    TestResources.copy(TestResources.directory("http/contract"), task);
  }

  @Override
  String handler(Probe probe) {
    String name = probe.name().toLowerCase(Locale.ROOT);
    path = "/" + name;
    return "exec python3 app.py " + name;
  }

  @Override
  String answer(Path socket, String text, Duration timeout) {
    HttpCall call = new HttpCall(HttpMethod.POST, path, Map.of(), Buffer.buffer(text));
    HttpReply reply = FunctionFixture.await(channel.send(socket, call, timeout));
    assertThat(reply.status()).isEqualTo(200);
    return reply.excerpt();
  }

  @Override
  void beforeCheckpoint(Path socket) {
    // Nothing in an unchanged program could prepare.
  }

  @Override
  void afterRestore(Path socket) {
    // Nor is there anybody to tell.
  }

  @Override
  Optional<Greeting> greeting() {
    Buffer message = InstanceChannel.afterRestoreMessage(FunctionFixture.restore(7, Map.of()));
    return Optional.of(new Greeting(Greeting.DOORS, ByteBuffer.wrap(message.getBytes())));
  }

  @Override
  void greeted(Buffer answer) {
    doors = answer;
    FunctionFixture.await(InstanceChannel.doorsOutcome(answer));
  }

  /** All processes of a program: a server, its starter that waits for it, and a child. */
  @ParameterizedTest
  @ValueSource(strings = {"tokens.js", "tokens.mjs", "starter.js"})
  void clones_ofNode_drawDifferentValues(String program) throws Exception {
    Running running = ready(start("exec node " + program, Map.of()));
    draws(running);
    Frozen frozen = checkpoint(running);
    Map<String, Set<String>> drawn = new TreeMap<>();
    int clones = 8;
    for (int i = 0; i < clones; i++) {
      Running clone = restore(frozen, RestoreMode.MAPPED);
      assertThat(doors.length()).isPositive();
      draws(clone)
          .properties()
          .forEach(
              draw ->
                  drawn
                      .computeIfAbsent(draw.getKey(), name -> new HashSet<>())
                      .add(draw.getValue().asText()));
      clone.sandbox().close();
    }
    assertThat(drawn).hasSizeGreaterThan(6);
    // Math.random is seeded by the greeting, which here says the same to all.
    drawn.forEach(
        (name, values) ->
            assertThat(values).as(name).hasSize(name.startsWith("seeded") ? 1 : clones));
  }

  private JsonNode draws(Running running) throws Exception {
    path = "/";
    return Frame.JSON.readTree(answer(running, ""));
  }
}
