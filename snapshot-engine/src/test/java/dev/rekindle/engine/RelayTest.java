package dev.rekindle.engine;

import static dev.rekindle.engine.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.engine.sandbox.SandboxSpec;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The way from function.sock to a port of the sandbox. */
class RelayTest {
  private static final int PORT = 8080;

  /** Evaluates each connection's line and prints the result back; {@code %s} listens. */
  private static final String SERVER =
      """
      import os, socket, sys, time
      s = %s
      kept = []
      while True:
          c, _ = s.accept()
          line = c.makefile().readline()
          try: out = repr(eval(line))
          except Exception as e: out = 'error ' + repr(e)
          try: c.sendall(out.encode())
          except OSError: pass
          if 'keep' in line: kept.append(c)
          else: c.close()
      """;

  private static final String LISTEN = "socket.create_server(('127.0.0.1', 8080), backlog=64)";

  private static SnapshotEngine engine;

  @TempDir Path directory;

  @BeforeAll
  static void open() throws Exception {
    engine = TestEngine.open();
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  private static SandboxSpec spec() {
    return new SandboxSpec("test", List.of(), 512L << 20, SandboxSpec.DEFAULT_MAX_PROCESSES, PORT);
  }

  private static int boot(Sandbox sandbox, String listen) throws Exception {
    int pid =
        sandbox.spawn(
            List.of("/usr/bin/python3", "-c", SERVER.formatted(listen)), Map.of(), "/tmp");
    assertThat(sandbox.readiness().get(20, TimeUnit.SECONDS)).isEqualTo("{\"ok\":true}");
    return pid;
  }

  private static SocketChannel connect(Sandbox sandbox) throws IOException {
    SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
    client.connect(UnixDomainSocketAddress.of(sandbox.socketDirectory().resolve("function.sock")));
    return client;
  }

  private static String readAll(SocketChannel client) throws IOException {
    StringBuilder text = new StringBuilder();
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    while (client.read(buffer.clear()) >= 0) {
      text.append(StandardCharsets.UTF_8.decode(buffer.flip()));
    }
    return text.toString();
  }

  private static void write(SocketChannel client, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      client.write(bytes);
    }
  }

  private static int relay(Sandbox sandbox) throws IOException {
    try (Stream<Path> processes = Files.list(sandbox.hostRoot().resolve("proc"))) {
      for (Path p : processes.filter(p -> p.getFileName().toString().matches("\\d+")).toList()) {
        try {
          if (Files.readString(p.resolve("comm")).equals("rekindle-relay\n")) {
            return Integer.parseInt(p.getFileName().toString());
          }
        } catch (IOException e) {
          // It has just ended.
        }
      }
    }
    return 0;
  }

  /** How many the relay has. */
  private static int openFiles(Sandbox sandbox) throws IOException {
    Path files = sandbox.hostRoot().resolve("proc/%d/fd".formatted(relay(sandbox)));
    try (Stream<Path> open = Files.list(files)) {
      return (int) open.count();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        LISTEN,
        "socket.create_server(('', 8080))",
        "socket.create_server(('::1', 8080), family=socket.AF_INET6)",
        "socket.create_server(('::', 8080), family=socket.AF_INET6, dualstack_ipv6=True)",
        "(time.sleep(0.4), socket.create_server(('', 8080)))[1]",
      })
  void server_onAnyAddressOfTheLoopback_isReached(String listen) throws Exception {
    try (Sandbox sandbox = engine.sandbox(spec())) {
      boot(sandbox, listen);
      assertThat(TestEngine.ask(sandbox, "1 + 1")).isEqualTo("2");
    }
  }

  @Test
  void connections_manyInARowAndAtOnce_areAllCarried() throws Exception {
    try (Sandbox sandbox = engine.sandbox(spec())) {
      boot(sandbox, LISTEN);
      for (int i = 0; i < 500; i++) {
        assertThat(TestEngine.ask(sandbox, i + " + 1")).isEqualTo("" + (i + 1));
      }
      List<SocketChannel> clients = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        clients.add(connect(sandbox));
      }
      for (int i = 0; i < clients.size(); i++) {
        write(clients.get(i), i + " * 2\n");
      }
      for (int i = 0; i < clients.size(); i++) {
        assertThat(readAll(clients.get(i))).isEqualTo("" + 2 * i);
        clients.get(i).close();
      }
      assertThat(sandbox.memory().processes()).as("the relay is not the function's").isEqualTo(1);
    }
  }

  @Test
  void connection_halfClosed_carriesTheAnswer() throws Exception {
    try (Sandbox sandbox = engine.sandbox(spec())) {
      boot(sandbox, LISTEN);
      SocketChannel client = connect(sandbox);
      write(client, "len(c.makefile().read()), len('y' * 5_000_000) and 'y' * 5_000_000\n");
      write(client, "x".repeat(5_000_000));
      client.shutdownOutput();
      // What the first reader had taken into its buffer is not counted again.
      assertThat(readAll(client)).hasSizeGreaterThan(5_000_000).endsWith("y')");
      client.close();
    }
  }

  @Test
  void relay_cannotBeTouchedByTheFunction() throws Exception {
    try (Sandbox sandbox = engine.sandbox(spec())) {
      boot(sandbox, LISTEN);
      assertThat(TestEngine.ask(sandbox, "os.kill(%d, 9)".formatted(relay(sandbox))))
          .contains("PermissionError");
      for (String attempt :
          List.of(
              "os.unlink('/run/rekindle/function.sock')",
              "os.rename('/run/rekindle/function.sock', '/run/rekindle/x')",
              "os.symlink('/tmp', '/run/rekindle/link')",
              "socket.socket(socket.AF_UNIX).connect('/run/rekindle/function.sock')")) {
        assertThat(TestEngine.ask(sandbox, attempt)).as(attempt).contains("PermissionError");
      }
    }
  }

  @Test
  void relay_thatEnds_isReplaced() throws Exception {
    try (Sandbox sandbox = engine.sandbox(spec())) {
      boot(sandbox, LISTEN);
      int first = relay(sandbox);
      sandbox.kill(first, 9);
      Eventually.eventually("another", () -> relay(sandbox) != first && relay(sandbox) > 0);
      assertThat(TestEngine.ask(sandbox, "1 + 1")).isEqualTo("2");
    }
  }

  @Test
  void checkpoint_withOpenConnections_endsThemAndHoldsNone() throws Exception {
    CheckpointResult checkpoint;
    try (Sandbox sandbox = engine.sandbox(spec())) {
      int pid = boot(sandbox, LISTEN);
      // The server never closes the first, and waits for what the second has to say.
      SocketChannel held = connect(sandbox);
      write(held, "'keep'\n");
      ByteBuffer answer = ByteBuffer.allocate(6);
      while (answer.hasRemaining()) {
        held.read(answer);
      }
      int before = openFiles(sandbox);
      SocketChannel waiting = connect(sandbox);
      // What the relay has not taken yet, its successor would serve.
      eventually("the relay carries it", () -> openFiles(sandbox) == before + 2);
      checkpoint = engine.checkpoint(sandbox, pid, directory, true);
      assertThat(readAll(held)).as("closed").isEmpty();
      assertThat(readAll(waiting)).as("closed").isEmpty();
      assertThat(TestEngine.ask(sandbox, "len(kept)")).isEqualTo("1");
      held.close();
      waiting.close();
    }
    for (RestoreMode mode : List.of(RestoreMode.EAGER, RestoreMode.MAPPED)) {
      try (Sandbox clone =
          engine
              .restore(directory, checkpoint.requirements(), mode, spec(), (s, b) -> {})
              .sandbox()) {
        assertThat(TestEngine.ask(clone, "len(kept)")).isEqualTo("1");
        assertThat(TestEngine.ask(clone, "[c.close() for c in kept] and 'still here'"))
            .isEqualTo("'still here'");
      }
    }
  }
}
