package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.warmers.channel.HttpCall;
import dev.rekindle.warmers.channel.HttpChannel;
import dev.rekindle.warmers.channel.HttpReply;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;

/** Programs that serve HTTP keep in sandboxes what all runtimes promise. */
class HttpSandboxTest extends SandboxContract {
  private HttpChannel channel = new HttpChannel(vertx);
  private String path = "/";

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
}
