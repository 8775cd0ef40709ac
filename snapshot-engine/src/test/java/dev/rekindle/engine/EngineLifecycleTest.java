package dev.rekindle.engine;

import static dev.rekindle.engine.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rekindle.engine.sandbox.ExitStatus;
import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.engine.sandbox.SandboxException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an engine leaves behind, and what it survives. */
class EngineLifecycleTest {
  @TempDir Path directory;

  private final String name = "rekindle-t" + Long.toString(System.nanoTime(), 36);

  private EngineConfig config() {
    return EngineConfig.of(TestEngine.CRIU, Path.of("/run", name), directory.resolve("work"));
  }

  @Test
  void close_withSandboxesInUse_leavesNothingBehind() throws Exception {
    SnapshotEngine engine = SnapshotEngine.open(config());
    Sandbox used = engine.sandbox(TestEngine.spec());
    int pid = TestEngine.boot(used, "");
    CompletableFuture<ExitStatus> exit = used.exit(pid);
    long init = used.hello().hostPid();
    long daemon = engine.daemonPid();
    assertThat(cgroups()).isNotEmpty();
    engine.close();
    assertThat(exit.get(1, TimeUnit.SECONDS)).isEqualTo(ExitStatus.killed());
    assertThat(ProcessHandle.of(daemon)).isEmpty();
    eventually("init ends", () -> !Files.exists(Path.of("/proc/" + init)));
    assertThat(cgroups()).isEmpty();
    assertThat(Path.of("/run", name)).doesNotExist();
    assertThat(directory.resolve("work")).doesNotExist();
    assertThat(threads()).isEmpty();
    used.close();
    engine.close();
    assertThat(cgroups()).isEmpty();
  }

  @Test
  void close_ofEachSandbox_leavesNothingWhileTheEngineRuns() throws Exception {
    try (SnapshotEngine engine = SnapshotEngine.open(config())) {
      engine.sandbox(TestEngine.spec()).close(); // whatever is made once, is made now
      int[] before = {-1, -1};
      settled(engine);
      before[0] = descriptors(ProcessHandle.current().pid());
      before[1] = descriptors(engine.daemonPid());
      for (int i = 0; i < 40; i++) {
        Sandbox sandbox = engine.sandbox(TestEngine.spec());
        sandbox.spawn(List.of("/bin/sleep", "1000"), Map.of(), "/");
        sandbox.close();
        sandbox.close();
      }
      settled(engine);
      assertThat(descriptors(ProcessHandle.current().pid())).isLessThan(before[0] + 8);
      // A child counts as soon as it is forked, when the daemon still holds what it gave it.
      eventually(
          "the daemon closes what was its children's",
          () -> descriptors(engine.daemonPid()) <= before[1]);
    }
    assertThat(cgroups()).isEmpty();
  }

  @Test
  void close_inTheMiddleOfADump_leavesNoImages() throws Exception {
    try (SnapshotEngine engine = SnapshotEngine.open(config())) {
      Sandbox sandbox = engine.sandbox(TestEngine.spec());
      int pid = TestEngine.boot(sandbox, "ballast = b'x' * (200 << 20)");
      Path target = Files.createDirectory(directory.resolve("snapshot"));
      CompletableFuture<CheckpointException> failed =
          CompletableFuture.supplyAsync(
              () ->
                  catchThrowableOfType(
                      CheckpointException.class,
                      () -> engine.checkpoint(sandbox, pid, target, true)));
      Path images = sandbox.workDirectory().resolve("images");
      eventually(
          "the dump writes",
          () -> {
            try (Stream<Path> files = Files.list(images)) {
              return files.count() > 3;
            } catch (IOException e) {
              return false;
            }
          });
      sandbox.close();
      CheckpointException e = failed.get(20, TimeUnit.SECONDS);
      assertThat(e.functionAlive()).isFalse();
      assertThat(sandbox.workDirectory()).doesNotExist();
      settled(engine);
    }
  }

  @Test
  void daemon_killed_takesInstancesAlongAndTheNextSandboxWorks() throws Exception {
    try (SnapshotEngine engine = SnapshotEngine.open(config())) {
      Sandbox sandbox = engine.sandbox(TestEngine.spec());
      int pid = TestEngine.boot(sandbox, "");
      CompletableFuture<ExitStatus> exit = sandbox.exit(pid);
      long init = sandbox.hello().hostPid();
      ProcessHandle.of(engine.daemonPid()).orElseThrow().destroyForcibly();
      try (Sandbox next = engine.sandbox(TestEngine.spec())) { // at once: before anybody noticed
        TestEngine.boot(next, "");
        assertThat(TestEngine.ask(next, "1 + 1")).isEqualTo("2");
      }
      assertThat(exit.get(5, TimeUnit.SECONDS)).isEqualTo(ExitStatus.killed());
      eventually("init ends", () -> !Files.exists(Path.of("/proc/" + init)));
      assertThatThrownBy(sandbox::memory)
          .isInstanceOfSatisfying(
              SandboxException.class,
              e -> assertThat(e.kind()).isEqualTo(SandboxException.Cause.GONE));
      sandbox.close();
    }
    assertThat(cgroups()).isEmpty();
  }

  @Test
  void init_killed_endsItsFunctionOnly() throws Exception {
    try (SnapshotEngine engine = SnapshotEngine.open(config());
        Sandbox sandbox = engine.sandbox(TestEngine.spec());
        Sandbox other = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, "");
      TestEngine.boot(other, "");
      ProcessHandle.of(sandbox.hello().hostPid()).orElseThrow().destroyForcibly();
      assertThat(sandbox.exit(pid).get(5, TimeUnit.SECONDS)).isEqualTo(ExitStatus.killed());
      assertThat(sandbox.isAlive()).isFalse();
      assertThatThrownBy(() -> sandbox.spawn(List.of("/bin/true"), Map.of(), "/"))
          .isInstanceOf(SandboxException.class);
      assertThat(TestEngine.ask(other, "1 + 1")).isEqualTo("2");
    }
  }

  @Test
  void engineProcess_killed_leavesNoProcessesAndANewEngineCleansUp() throws Exception {
    Process engine =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                EngineProgram.class.getName(),
                config().stateDirectory().toString(),
                config().workDirectory().toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<Long> pids = new ArrayList<>();
    try (BufferedReader out = engine.inputReader()) {
      for (String pid : out.readLine().split(" ", -1)) {
        pids.add(Long.parseLong(pid));
      }
      assertThat(pids).hasSize(2).allMatch(pid -> ProcessHandle.of(pid).isPresent());
    } finally {
      engine.destroyForcibly().waitFor();
    }
    eventually("all end", () -> pids.stream().noneMatch(p -> Files.exists(Path.of("/proc/" + p))));
    assertThat(cgroups()).isNotEmpty();
    SnapshotEngine.open(config()).close();
    assertThat(cgroups()).isEmpty();
    assertThat(Path.of("/run", name)).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/absent/criu", "/etc/passwd", "/bin/true"})
  void open_withoutAWorkingCriu_failsByNameAndLeavesNothing(String criu) {
    EngineConfig config =
        EngineConfig.of(Path.of(criu), Path.of("/run", name), directory.resolve("work"));
    assertThatThrownBy(() -> SnapshotEngine.open(config))
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("criu");
    assertThat(cgroups()).isEmpty();
    assertThat(Path.of("/run", name)).doesNotExist();
    assertThat(threads()).isEmpty();
  }

  /** Waits until nothing is left but the engine itself and its ready sandboxes. */
  private void settled(SnapshotEngine engine) throws Exception {
    long ready = EngineConfig.DEFAULT_READY_SANDBOXES;
    eventually("only ready sandboxes have processes", () -> children(engine.daemonPid()) == ready);
    eventually(
        "only ready sandboxes have directories", () -> count(config().workDirectory()) == ready);
    eventually(
        "only ready sandboxes have control groups",
        () -> cgroups().stream().allMatch(root -> count(root) == ready));
  }

  private static long children(long pid) {
    return ProcessHandle.of(pid).orElseThrow().children().count();
  }

  private static long count(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.filter(Files::isDirectory).count();
    } catch (IOException e) {
      return -1;
    }
  }

  private List<Path> cgroups() {
    List<Path> found = new ArrayList<>();
    for (String hierarchy : new String[] {"memory", "pids", "unified", "."}) {
      // The engine names its groups by its state directory.
      Path own = Path.of("/sys/fs/cgroup", hierarchy, "rekindle-" + name);
      if (Files.exists(own)) {
        found.add(own);
      }
    }
    return found;
  }

  /** Threads of engines that are not part of another test's engine: none is open here. */
  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .map(Thread::getName)
        .filter(n -> n.startsWith("rekindle-"))
        .toList();
  }

  private static int descriptors(long pid) {
    return (int) entries(Path.of("/proc/" + pid + "/fd"));
  }

  private static long entries(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.count();
    } catch (IOException e) {
      return -1;
    }
  }
}
