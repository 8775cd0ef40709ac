package dev.rekindle.engine;

import static dev.rekindle.engine.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rekindle.engine.sandbox.ExitStatus;
import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.engine.sandbox.SandboxSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints and restores that cannot work, or are cut off in the middle. */
class CheckpointFailureTest {
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

  private CheckpointException failure(Sandbox sandbox, int pid) {
    return catchThrowableOfType(
        CheckpointException.class, () -> engine.checkpoint(sandbox, pid, directory, true));
  }

  @Test
  void checkpoint_ofAnAbsentProcess_isRefused() {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      CheckpointException e = failure(sandbox, 300);
      assertThat(e.kind()).isEqualTo(CheckpointException.Cause.REFUSED);
      assertThat(e.functionAlive()).isFalse();
    }
  }

  /** How many descriptors the only process in a sandbox holds. */
  private static long descriptors(Sandbox sandbox) {
    ProcessHandle init = ProcessHandle.of(sandbox.hello().hostPid()).orElseThrow();
    Path process = Path.of("/proc/" + init.children().findFirst().orElseThrow().pid());
    try (Stream<Path> open = Files.list(process.resolve("fd"))) {
      return open.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void checkpoint_withAnOpenConnection_isRefusedAndTheFunctionLives() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, "");
      long before = descriptors(sandbox);
      try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        client.connect(
            UnixDomainSocketAddress.of(sandbox.socketDirectory().resolve("function.sock")));
        eventually("the function accepts", () -> descriptors(sandbox) > before);
        CheckpointException e = failure(sandbox, pid);
        assertThat(e.kind()).isEqualTo(CheckpointException.Cause.REFUSED);
        assertThat(e.functionAlive()).isTrue();
        assertThat(e.criuLog()).isNotEmpty();
        assertThat(e).hasMessageContaining(e.criuLog().get(0));
        client.write(ByteBuffer.wrap("1 + 1\n".getBytes(StandardCharsets.UTF_8)));
        ByteBuffer reply = ByteBuffer.allocate(1);
        client.read(reply);
        assertThat(reply.get(0)).isEqualTo((byte) '2');
      }
    }
  }

  @Test
  void checkpoint_withAStrayProcess_isRefusedByNameAndTheFunctionLives() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, "");
      Path proc = sandbox.hostRoot().resolve("proc");
      TestEngine.ask(sandbox, "os.system('sleep 1000 &')");
      eventually(
          "the stray runs", () -> StrayProcesses.find(proc, pid).toString().contains("(sleep)"));
      CheckpointException e = failure(sandbox, pid);
      assertThat(e.kind()).isEqualTo(CheckpointException.Cause.REFUSED);
      assertThat(e).hasMessageContaining("(sleep)");
      assertThat(e.functionAlive()).isTrue();
      assertThat(TestEngine.ask(sandbox, "1 + 1")).isEqualTo("2");
      TestEngine.ask(sandbox, "os.system('pkill -x sleep')");
      eventually("the stray is gone", () -> StrayProcesses.find(proc, pid).isEmpty());
      engine.checkpoint(sandbox, pid, directory, true);
    }
  }

  @Test
  void checkpoint_intoAnAbsentDirectory_leavesTheFunctionRunning() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, "open('/tmp/file', 'w').write('x')");
      Path file = Files.createFile(directory.resolve("file"));
      CheckpointException e =
          catchThrowableOfType(
              CheckpointException.class,
              () -> engine.checkpoint(sandbox, pid, file.resolve("below"), false));
      assertThat(e.kind()).isEqualTo(CheckpointException.Cause.STORAGE);
      assertThat(e.functionAlive()).isTrue();
      assertThat(TestEngine.ask(sandbox, "1 + 1")).isEqualTo("2");
    }
  }

  @Test
  void checkpoint_whoseImagesCannotBeMovedAfterTheEnd_saysThatTheFunctionIsGone() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, "");
      Path file = Files.createFile(directory.resolve("file"));
      CheckpointException e =
          catchThrowableOfType(
              CheckpointException.class,
              () -> engine.checkpoint(sandbox, pid, file.resolve("below"), false));
      assertThat(e.kind()).isEqualTo(CheckpointException.Cause.STORAGE);
      assertThat(e.functionAlive()).isFalse();
    }
  }

  @Test
  void checkpoint_whoseCriuIsKilled_endsTheFunctionAndSaysSo() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, "ballast = b'x' * (200 << 20)");
      CompletableFuture<CheckpointException> failed =
          CompletableFuture.supplyAsync(() -> failure(sandbox, pid));
      // In the middle: CRIU's code is in the function, and its memory is being written.
      eventually("pages are being written", () -> bytesBelow(sandbox.workDirectory()) > 1 << 20);
      kill(sandbox, "criu");
      CheckpointException e = failed.get(20, TimeUnit.SECONDS);
      assertThat(e.kind()).isEqualTo(CheckpointException.Cause.INTERRUPTED);
      assertThat(e.functionAlive()).isFalse();
      assertThat(sandbox.exit(pid)).isCompletedWithValue(ExitStatus.killed());
    }
  }

  @Test
  void checkpoint_whoseInitIsKilled_saysThatTheFunctionIsGone() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, "ballast = b'x' * (200 << 20)");
      CompletableFuture<CheckpointException> failed =
          CompletableFuture.supplyAsync(() -> failure(sandbox, pid));
      eventually("pages are being written", () -> bytesBelow(sandbox.workDirectory()) > 1 << 20);
      ProcessHandle.of(sandbox.hello().hostPid()).orElseThrow().destroyForcibly();
      CheckpointException e = failed.get(20, TimeUnit.SECONDS);
      assertThat(e.kind()).isEqualTo(CheckpointException.Cause.INTERRUPTED);
      assertThat(e.functionAlive()).isFalse();
    }
  }

  @Test
  void checkpoint_thatTakesTooLong_endsTheFunctionAndSaysSo() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, "ballast = b'x' * (200 << 20)");
      Checkpoint hasty = new Checkpoint(sandbox, pid, true, Duration.ofMillis(50));
      CheckpointException e =
          catchThrowableOfType(CheckpointException.class, () -> hasty.into(directory, pause -> {}));
      assertThat(e.kind()).isEqualTo(CheckpointException.Cause.TIMEOUT);
      assertThat(e.functionAlive()).isFalse();
      assertThat(sandbox.exit(pid).get(20, TimeUnit.SECONDS)).isEqualTo(ExitStatus.killed());
    }
  }

  @Test
  void checkpoints_atOnce_takeTurns() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, "open('/tmp/f', 'w').write('x')");
      List<CompletableFuture<Void>> all =
          Stream.of("a", "b", "c", "d")
              .map(
                  name ->
                      CompletableFuture.runAsync(
                          () -> engine.checkpoint(sandbox, pid, below(name), true)))
              .toList();
      for (CompletableFuture<Void> one : all) {
        one.get(20, TimeUnit.SECONDS);
      }
      assertThat(TestEngine.ask(sandbox, "1 + 1")).isEqualTo("2");
    }
  }

  @Test
  void restore_ofOtherRequirements_isIncompatible() {
    for (String field : engine.host().toRequirements().keySet()) {
      Map<String, String> requirements = new HashMap<>(engine.host().toRequirements());
      requirements.put(field, "other");
      RestoreException e = restoreFailure(directory, requirements);
      assertThat(e.kind()).isEqualTo(RestoreException.Cause.INCOMPATIBLE);
      assertThat(e).hasMessageContaining("other");
    }
  }

  @Test
  void restore_withoutItsFiles_failsAndLeavesNoSandbox() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, "open('/tmp/f', 'w').write('x')");
      engine.checkpoint(sandbox, pid, directory, false);
    }
    Files.delete(directory.resolve("files.tar"));
    RestoreException e = restoreFailure(directory, engine.host().toRequirements());
    assertThat(e.kind()).isEqualTo(RestoreException.Cause.REFUSED);
    assertThat(e).hasMessageContaining("files.tar");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 8080}) // with a port the sandbox has a relay, which lives on
  void restore_whoseCriuIsKilled_failsSoon(int port) throws Exception {
    CheckpointResult checkpoint;
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, "ballast = b'x' * (300 << 20)");
      checkpoint = engine.checkpoint(sandbox, pid, directory, false);
    }
    try (Sandbox sandbox =
        engine.sandbox(
            new SandboxSpec(
                "test",
                List.of(new SandboxSpec.Bind(directory, Sandbox.SNAPSHOT)),
                1L << 30,
                99,
                port))) {
      CompletableFuture<RestoreException> failed =
          CompletableFuture.supplyAsync(
              () ->
                  catchThrowableOfType(
                      RestoreException.class,
                      () ->
                          new Restore(
                                  sandbox,
                                  directory,
                                  RestoreMode.EAGER,
                                  EngineConfig.DEFAULT_RESTORE_TIMEOUT)
                              .run()));
      eventually("memory comes back", () -> sandbox.memory().residentBytes() > 50 << 20);
      kill(sandbox, "criu");
      RestoreException e = failed.get(10, TimeUnit.SECONDS);
      assertThat(e.kind()).isEqualTo(RestoreException.Cause.INTERRUPTED);
    }
    assertThat(checkpoint.requirements()).isEqualTo(engine.host().toRequirements());
  }

  private RestoreException restoreFailure(Path snapshot, Map<String, String> requirements) {
    return catchThrowableOfType(
        RestoreException.class,
        () ->
            engine.restore(
                snapshot, requirements, RestoreMode.EAGER, TestEngine.spec(), (s, b) -> {}));
  }

  private Path below(String name) {
    try {
      return Files.createDirectory(directory.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills the process of a name that is init's child. */
  private static void kill(Sandbox sandbox, String name) throws Exception {
    Path proc = sandbox.hostRoot().resolve("proc");
    try (Stream<Path> processes = Files.list(proc)) {
      for (Path p : processes.filter(p -> p.getFileName().toString().matches("[0-9]+")).toList()) {
        String stat = Files.readString(p.resolve("stat"), StandardCharsets.ISO_8859_1);
        if (stat.matches("(?s)[0-9]+ \\(" + name + "\\) . 1 .*")) {
          sandbox.kill(Integer.parseInt(p.getFileName().toString()), 9);
          return;
        }
      }
    }
    throw new AssertionError("no process " + name);
  }

  private static long bytesBelow(Path directory) throws Exception {
    long bytes = 0;
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.toList()) {
        bytes += Files.exists(file) && Files.isRegularFile(file) ? Files.size(file) : 0;
      }
    } catch (UncheckedIOException e) {
      return bytes; // it changed under our hands
    }
    return bytes;
  }
}
