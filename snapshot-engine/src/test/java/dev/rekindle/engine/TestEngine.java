package dev.rekindle.engine;

import dev.rekindle.engine.sandbox.ExitStatus;
import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.engine.sandbox.SandboxSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real engine for tests, and a small Python program that answers one line per connection. */
public final class TestEngine {
  static final Path CRIU =
      Path.of(System.getenv().getOrDefault("REKINDLE_CRIU", "/opt/rekindle/criu/sbin/criu"));

  /** Listens on function.sock; evaluates each connection's line and prints the result back. */
  static final String SERVER =
      """
      import os, socket, sys
      s = socket.socket(socket.AF_UNIX)
      s.bind('/run/rekindle/function.sock')
      s.listen(64)
      state = {}
      os.write(3, b'{"ok":true}'); os.close(3)
      while True:
          c, _ = s.accept()
          line = c.makefile().readline()
          try:
              out = repr(eval(line))
          except Exception as e:
              out = 'error ' + repr(e)
          c.sendall(out.encode())
          c.close()
      """;

  private TestEngine() {}

  public static SnapshotEngine open() throws IOException {
    if (!Files.isExecutable(CRIU)) {
      throw new IllegalStateException("no CRIU at " + CRIU + ": run './rekindle setup' first");
    }
    return open("rekindle-t" + Long.toString(System.nanoTime(), 36));
  }

  /** Opens an engine whose directories have that name; it cleans up what an earlier one left. */
  public static SnapshotEngine open(String name) {
    return SnapshotEngine.open(
        EngineConfig.of(
            CRIU, Path.of("/run", name), Path.of(System.getProperty("java.io.tmpdir"), name)));
  }

  public static SandboxSpec spec() {
    return new SandboxSpec("test", List.of(), 512L << 20, SandboxSpec.DEFAULT_MAX_PROCESSES);
  }

  /** How a program that was run to its end in a sandbox ended, and what it printed. */
  record Ran(ExitStatus exit, String out, String err) {}

  /** Runs a program to its end in a sandbox of its own. */
  static Ran run(SnapshotEngine engine, SandboxSpec spec, Map<String, String> env, String... args)
      throws Exception {
    try (Sandbox sandbox = engine.sandbox(spec)) {
      Printed printed = new Printed();
      sandbox.onOutput(printed);
      int pid = sandbox.spawn(List.of(args), env, "/tmp");
      ExitStatus exit = sandbox.exit(pid).get(20, TimeUnit.SECONDS);
      return new Ran(exit, printed.out(), printed.err());
    }
  }

  /** Boots the server above, with a prologue run before it listens. */
  public static int boot(Sandbox sandbox, String prologue) throws Exception {
    int pid =
        sandbox.spawn(
            List.of("/usr/bin/python3", "-c", prologue + "\n" + SERVER),
            Map.of("PATH", "/usr/bin:/bin", "HOME", "/tmp"),
            "/tmp");
    String ready = sandbox.readiness().get(20, TimeUnit.SECONDS);
    if (!ready.contains("ok")) {
      throw new IllegalStateException("the test server did not start: " + ready);
    }
    return pid;
  }

  /** Compiles one of src/test/c into a directory. */
  static void compile(String program, Path directory) throws Exception {
    Process gcc =
        new ProcessBuilder(
                "gcc",
                "-std=gnu17",
                "-D_GNU_SOURCE",
                "-O2",
                "-Wall",
                "-Werror",
                "-pthread",
                "src/test/c/" + program + ".c",
                "-o",
                directory.resolve(program).toString())
            .inheritIO()
            .start();
    if (gcc.waitFor() != 0) {
      throw new IllegalStateException("gcc could not compile " + program);
    }
  }

  /** Starts a program that tells of its readiness as the server above does. */
  static int start(Sandbox sandbox, Map<String, String> environment, String... command)
      throws Exception {
    int pid = sandbox.spawn(List.of(command), environment, "/tmp");
    String ready = sandbox.readiness().get(20, TimeUnit.SECONDS);
    if (!ready.contains("ok")) {
      throw new IllegalStateException(command[0] + " did not start: " + ready);
    }
    return pid;
  }

  /** Has the server in a sandbox evaluate a Python expression. */
  public static String ask(Sandbox sandbox, String expression) throws IOException {
    try (SocketChannel c = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      c.connect(UnixDomainSocketAddress.of(sandbox.socketDirectory().resolve("function.sock")));
      c.write(ByteBuffer.wrap((expression + "\n").getBytes(StandardCharsets.UTF_8)));
      ByteArrayOutputStream reply = new ByteArrayOutputStream();
      ByteBuffer buffer = ByteBuffer.allocate(4096);
      while (c.read(buffer) >= 0) {
        reply.write(buffer.array(), 0, buffer.position());
        buffer.clear();
      }
      return reply.toString(StandardCharsets.UTF_8);
    }
  }
}
