package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.api.Headers;
import dev.rekindle.api.RestoreMode;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Servers of several languages run unchanged, are frozen, and come back in every mode. */
class HttpServersTest {
  private static final int LARGE_BYTES = 20 << 20;

  private static TestService service;

  @TempDir static Path directory;

  /** A server that counts its requests at /count and echoes bodies at /echo. */
  enum Server {
    PYTHON("exec python3 plain.py"),
    FLASK("exec python3 flask_app.py"),
    NODE("exec node server.js"),
    STATIC("exec ./server");

    private final String command;

    Server(String command) {
      this.command = command;
    }

    byte[] zip() throws Exception {
      return switch (this) {
        case PYTHON -> HttpFunctions.zip("plain.py");
        case FLASK -> HttpFunctions.zip("flask_app.py");
        case NODE -> HttpFunctions.zip("server.js");
        case STATIC -> HttpFunctions.compiled(directory);
      };
    }
  }

  @BeforeAll
  static void start() throws Exception {
    service = TestService.start();
  }

  @AfterAll
  static void close() throws Exception {
    service.close();
  }

  @ParameterizedTest
  @EnumSource(Server.class)
  void server_isServedFrozenAndRestoredInEveryMode(Server server) throws Exception {
    byte[] large = new byte[LARGE_BYTES];
    new Random(7).nextBytes(large);
    for (RestoreMode mode : List.of(RestoreMode.MAPPED, RestoreMode.EAGER, RestoreMode.LAZY)) {
      String name = (server + "-" + mode).toLowerCase(Locale.ROOT);
      var unused =
          service
              .client()
              .deploy(
                  name,
                  HttpFunctions.settings(server.command, f -> f.put("restoreMode", mode.wire())),
                  server.zip());
      HttpResponse<byte[]> cold = count(name);
      assertThat(text(cold)).isEqualTo("1");
      assertThat(cold.headers().firstValue(Headers.START)).hasValue("cold");
      service.awaitSnapshot(name);
      service.evictAll(name);

      HttpResponse<byte[]> hot = count(name);
      assertThat(text(hot)).as("the same process in memory").isEqualTo("2");
      assertThat(hot.headers().firstValue(Headers.START)).hasValue("restored");
      assertThat(hot.headers().firstValue(Headers.RESTORE_MODE)).hasValue(mode.wire());
      HttpResponse<byte[]> echoed =
          service.http().send("POST", "/function/" + name + "/echo", large);
      assertThat(echoed.statusCode()).isEqualTo(200);
      assertThat(echoed.body()).isEqualTo(large);
      assertThat(text(count(name))).isEqualTo("3");
      service.client().delete(name);
    }
  }

  @Test
  void clones_allOnOnePort_serveAtOnce() throws Exception {
    HttpFunctions.deployEdges(service, "clones", f -> f.put("maxInstances", 20));
    assertThat(service.http().get("/function/clones/").statusCode()).isEqualTo(200);
    service.awaitSnapshot("clones");
    service.evictAll("clones");
    List<CompletableFuture<HttpResponse<byte[]>>> replies = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      replies.add(
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return service.http().get("/function/clones/gate");
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              },
              task -> new Thread(task).start()));
    }
    for (String instance : service.awaitBusy("clones", 20)) {
      service.openGate(instance);
    }
    Set<String> instances = new HashSet<>();
    for (var reply : replies) {
      assertThat(text(reply.get())).isEqualTo("passed");
      assertThat(reply.get().headers().firstValue(Headers.SNAPSHOT)).isPresent();
      instances.add(reply.get().headers().firstValue(Headers.INSTANCE).orElseThrow());
    }
    assertThat(instances).hasSize(20);
  }

  @Test
  void filesFromTheZip_byPythonsOwnServer() throws Exception {
    var unused =
        service
            .client()
            .deploy(
                "files",
                HttpFunctions.settings("python3 -m http.server $PORT"),
                HttpFunctions.zip("plain.py"));
    assertThat(text(service.http().get("/function/files/plain.py"))).contains("class Handler");
    assertThat(service.http().get("/function/files/absent").statusCode()).isEqualTo(404);
    service.awaitSnapshot("files");
    service.evictAll("files");
    assertThat(text(service.http().get("/function/files/"))).contains("plain.py");
  }

  private static HttpResponse<byte[]> count(String name) throws Exception {
    return service.http().get("/function/" + name + "/count");
  }

  private static String text(HttpResponse<byte[]> reply) {
    return new String(reply.body(), StandardCharsets.UTF_8);
  }
}
