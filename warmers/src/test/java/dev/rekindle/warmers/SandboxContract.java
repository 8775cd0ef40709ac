package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rekindle.engine.CheckpointResult;
import dev.rekindle.engine.EngineConfig;
import dev.rekindle.engine.LazilyRestoredProcess;
import dev.rekindle.engine.RestoreMode;
import dev.rekindle.engine.RestoredProcess;
import dev.rekindle.engine.SnapshotEngine;
import dev.rekindle.engine.pages.LazyOptions;
import dev.rekindle.engine.sandbox.ExitStatus;
import dev.rekindle.engine.sandbox.Greeting;
import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.engine.sandbox.SandboxSpec;
import dev.rekindle.warmers.channel.ChannelException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What all runtimes promise of their functions in real sandboxes, whatever language functions
 * answer in: boot, readiness, logs, ends, timeouts, checkpoint, restore, clones and shutdown. What
 * handlers promise beyond that is {@link WarmerContract}.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
abstract class SandboxContract {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final int MEMORY_MB = 512;
  private static final int CLONES = 20;

  /** A function that each runtime brings. */
  enum Probe {
    /** Answers with the text it is given. */
    ECHO,
    /** Prints the text that it is given; its answer is anything. */
    PRINTS,
    /** Answers with the value of the environment variable that the text names. */
    ENVIRONMENT,
    /** Ends its process with code 3 when it is asked. */
    EXITS,
    /** Takes a minute to answer. */
    SLEEPS,
    /** Ends its process while it boots. */
    EXITS_AT_BOOT
  }

  static Vertx vertx = Vertx.vertx();
  static SnapshotEngine engine;

  @TempDir Path temporary;
  private final List<Sandbox> opened = new ArrayList<>();
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();

  /** A function that was started, and its root process. */
  record Running(Sandbox sandbox, int pid) {
    Path socket() {
      return sandbox.socketDirectory().resolve("function.sock");
    }
  }

  @BeforeAll
  static void open() {
    vertx = Vertx.vertx();
    String name = "rekindle-w" + Long.toString(System.nanoTime(), 36);
    engine =
        SnapshotEngine.open(
            EngineConfig.of(
                Path.of(
                    System.getenv().getOrDefault("REKINDLE_CRIU", "/opt/rekindle/criu/sbin/criu")),
                Path.of("/run", name),
                Path.of(System.getProperty("java.io.tmpdir"), name)));
  }

  @AfterAll
  static void close() {
    engine.close();
    FunctionFixture.await(vertx.close());
  }

  @AfterEach
  void endSandboxes() {
    opened.forEach(Sandbox::close);
  }

  abstract String runtime();

  /** Puts the functions' code into a directory; may find it there already. */
  abstract void install(Path task) throws IOException;

  /** How the runtime spells a probe's handler. */
  abstract String handler(Probe probe);

  /**
   * Has a function answer a text.
   *
   * @throws ChannelException if it does not
   */
  abstract String answer(Path socket, String text, Duration timeout);

  /** Has a function get ready for its checkpoint. */
  abstract void beforeCheckpoint(Path socket);

  /** Tells a clone that it is one. */
  abstract void afterRestore(Path socket);

  /** What init says to a clone the moment it runs. */
  Optional<Greeting> greeting() {
    return Optional.empty();
  }

  /** Takes the answer to the greeting. */
  void greeted(Buffer answer) {
    assertThat(answer.length()).isZero();
  }

  /** Starts a probe in a sandbox, and does not wait until it is ready. */
  Running start(Probe probe) throws IOException {
    return start(handler(probe), Map.of("SHOP", "wrocław"));
  }

  Running start(String handler, Map<String, String> environment) throws IOException {
    FunctionSpec function =
        new FunctionSpec("shop", "7", runtime(), handler, MEMORY_MB, PATIENCE, environment);
    Warmer warmer = warmer();
    warmer.check();
    Launch launch = warmer.launch(function);
    Sandbox sandbox = engine.sandbox(spec());
    opened.add(sandbox);
    sandbox.onOutput((stream, bytes) -> log.writeBytes(bytes));
    int pid = sandbox.spawn(launch.command(), launch.environment(), launch.workingDirectory());
    return new Running(sandbox, pid);
  }

  Running ready(Probe probe) throws Exception {
    return ready(start(probe));
  }

  Running ready(Running started) throws Exception {
    String said = started.sandbox().readiness().get(60, TimeUnit.SECONDS);
    assertThat(said).as("%s%n%s", said, log()).contains("\"ok\"").contains("true");
    return started;
  }

  Warmer warmer() {
    return Warmers.standard(RuntimePaths.sandbox(System.getenv()), temporary.resolve("runtime"))
        .find(runtime())
        .orElseThrow();
  }

  SandboxSpec spec() throws IOException {
    Path task = temporary.resolve("task");
    install(task);
    Path runtime = temporary.resolve("runtime");
    List<SandboxSpec.Bind> binds = new ArrayList<>();
    binds.add(new SandboxSpec.Bind(task, Sandbox.CODE));
    binds.add(new SandboxSpec.Bind(runtime, Sandbox.RUNTIME));
    warmer()
        .mounts()
        .forEach(
            (path, target) ->
                binds.add(new SandboxSpec.Bind(runtime.resolve(path), target.toString())));
    return new SandboxSpec(
        "shop",
        binds,
        (long) MEMORY_MB << 20,
        SandboxSpec.DEFAULT_MAX_PROCESSES,
        warmer().port().orElse(0));
  }

  /** All that the functions of this test have printed. */
  String log() {
    return log.toString(StandardCharsets.UTF_8);
  }

  /** A checkpoint in a directory of its own. */
  record Frozen(Path directory, CheckpointResult result) {}

  Frozen checkpoint(Running running) throws IOException {
    beforeCheckpoint(running.socket());
    Path directory = Files.createTempDirectory(temporary, "snapshot");
    return new Frozen(
        directory, engine.checkpoint(running.sandbox(), running.pid(), directory, true));
  }

  Running restore(Frozen frozen, RestoreMode mode) throws IOException {
    RestoredProcess restored;
    if (mode == RestoreMode.LAZY) {
      LazilyRestoredProcess lazy =
          engine.restoreLazily(
              frozen.directory(),
              frozen.result().requirements(),
              spec(),
              (stream, bytes) -> log.writeBytes(bytes),
              Optional.empty(),
              LazyOptions.recording(),
              greeting());
      restored = lazy.process();
    } else {
      restored =
          engine.restore(
              frozen.directory(),
              frozen.result().requirements(),
              mode,
              spec(),
              (stream, bytes) -> log.writeBytes(bytes),
              greeting());
    }
    opened.add(restored.sandbox());
    Running running = new Running(restored.sandbox(), restored.pid());
    ByteBuffer answer = restored.greeted().orTimeout(60, TimeUnit.SECONDS).join();
    byte[] bytes = new byte[answer.remaining()];
    answer.get(bytes);
    greeted(Buffer.buffer(bytes));
    afterRestore(running.socket());
    return running;
  }

  String answer(Running running, String text) {
    return answer(running.socket(), text, PATIENCE);
  }

  @Test
  void boot_answers() throws Exception {
    Running running = ready(Probe.ECHO);
    for (int i = 0; i < 3; i++) {
      assertThat(answer(running, "żółw " + i)).isEqualTo("żółw " + i);
    }
  }

  @Test
  void output_isInTheLog_alsoAfterARestore() throws Exception {
    Running running = ready(Probe.PRINTS);
    answer(running, "płatność 1");
    logs("płatność 1");
    answer(restore(checkpoint(running), RestoreMode.MAPPED), "płatność 2");
    logs("płatność 2");
  }

  private void logs(String text) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!log().contains(text)) {
      assertThat(System.nanoTime()).as(log()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  @Test
  void boot_environmentReachesTheFunction() throws Exception {
    assertThat(answer(ready(Probe.ENVIRONMENT), "SHOP")).isEqualTo("wrocław");
  }

  @Test
  void boot_processEnds_isNotReadyAndItsEndIsTold() throws Exception {
    Running running = start(Probe.EXITS_AT_BOOT);
    ExitStatus exit = running.sandbox().exit(running.pid()).get(60, TimeUnit.SECONDS);
    assertThat(exit.code()).isPositive();
    assertThat(running.sandbox().readiness().get(60, TimeUnit.SECONDS)).doesNotContain("true");
  }

  @Test
  void answer_processEnds_failsAndItsEndIsTold() throws Exception {
    Running running = ready(Probe.EXITS);
    ChannelException failure =
        catchThrowableOfType(ChannelException.class, () -> answer(running, "x"));
    assertThat(failure.reason()).isEqualTo(ChannelException.Cause.CLOSED_WITHOUT_REPLY);
    assertThat(running.sandbox().exit(running.pid()).get(60, TimeUnit.SECONDS))
        .isEqualTo(new ExitStatus(3, 0));
  }

  @Test
  void answer_tooSlow_timesOut() throws Exception {
    Running running = ready(Probe.SLEEPS);
    ChannelException failure =
        catchThrowableOfType(
            ChannelException.class, () -> answer(running.socket(), "x", Duration.ofMillis(300)));
    assertThat(failure.reason()).isEqualTo(ChannelException.Cause.TIMEOUT);
    assertThat(failure).hasMessageContaining("300 ms");
  }

  @ParameterizedTest
  @EnumSource(RestoreMode.class)
  void restore_goesOnFromTheCheckpoint(RestoreMode mode) throws Exception {
    Running running = ready(Probe.ECHO);
    assertThat(answer(running, "before")).isEqualTo("before");
    Frozen frozen = checkpoint(running);
    assertThat(answer(running, "the original")).isEqualTo("the original");
    Running clone = restore(frozen, mode);
    assertThat(clone.pid()).isEqualTo(running.pid());
    for (int i = 0; i < 3; i++) {
      assertThat(answer(clone, "clone " + i)).isEqualTo("clone " + i);
    }
  }

  @ParameterizedTest
  @EnumSource(RestoreMode.class)
  void restore_ofARestoredFunction_goesOn(RestoreMode mode) throws Exception {
    Frozen first = checkpoint(ready(Probe.ENVIRONMENT));
    Running clone = restore(first, mode == RestoreMode.LAZY ? RestoreMode.EAGER : mode);
    assertThat(answer(clone, "SHOP")).isEqualTo("wrocław");
    Frozen second = checkpoint(clone);
    assertThat(answer(restore(second, mode), "SHOP")).isEqualTo("wrocław");
  }

  @Test
  void clones_serveAtOnce() throws Exception {
    Frozen frozen = checkpoint(ready(Probe.ECHO));
    List<Running> clones = new ArrayList<>();
    for (int i = 0; i < CLONES; i++) {
      clones.add(restore(frozen, RestoreMode.MAPPED));
    }
    for (int i = 0; i < CLONES; i++) {
      assertThat(answer(clones.get(i), "clone " + i)).isEqualTo("clone " + i);
    }
  }

  @Test
  void shutdown_endsAllProcesses() throws Exception {
    Running running = ready(Probe.ECHO);
    // The host's way into the sandbox; gone when pid 1 and so all others in it are.
    Path root = running.sandbox().socketDirectory().getParent().getParent();
    assertThat(root.resolve("proc/" + running.pid())).exists();
    running.sandbox().close();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (Files.exists(root)) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }
}
