package dev.rekindle.engine;

import static dev.rekindle.engine.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rekindle.engine.pages.LazyOptions;
import dev.rekindle.engine.sandbox.Greeting;
import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.engine.sandbox.SandboxException;
import dev.rekindle.engine.sandbox.SandboxSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Restores whose sandbox and CRIU were ready before they were wanted. */
class PreparedRestoresTest {
  @TempDir Path directory;
  private SnapshotEngine engine;
  private Path snapshot;
  private Map<String, String> requirements;

  @BeforeEach
  void freeze() throws Exception {
    engine = TestEngine.open();
    snapshot = Files.createDirectory(directory.resolve("snapshot"));
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, "ballast = bytearray(b'x' * (20 << 20))");
      requirements = engine.checkpoint(sandbox, pid, snapshot, false).requirements();
    }
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private Sandbox restore(RestoreMode mode) {
    if (mode == RestoreMode.LAZY) {
      return engine
          .restoreLazily(
              snapshot,
              requirements,
              TestEngine.spec(),
              (stream, bytes) -> {},
              Optional.empty(),
              LazyOptions.recording())
          .process()
          .sandbox();
    }
    return engine
        .restore(snapshot, requirements, mode, TestEngine.spec(), (stream, bytes) -> {})
        .sandbox();
  }

  /** Ids of CRIUs that wait for a request. */
  private Set<Long> waiting() {
    try (Stream<ProcessHandle> all =
        ProcessHandle.of(engine.daemonPid()).orElseThrow().descendants()) {
      return all.map(ProcessHandle::pid)
          .filter(pid -> name(pid).equals("criu"))
          .collect(Collectors.toSet());
    }
  }

  private static String name(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/comm")).strip();
    } catch (IOException e) {
      return ""; // it has ended since
    }
  }

  private void awaitOneWaiting() throws Exception {
    // The CRIU of the restore before may still be about to end.
    AtomicReference<Set<Long>> last = new AtomicReference<>(Set.of());
    eventually(
        "the next restore is prepared",
        () -> {
          LockSupport.parkNanos(50_000_000);
          Set<Long> now = waiting();
          return now.size() == 1 && now.equals(last.getAndSet(now));
        });
  }

  @ParameterizedTest
  @EnumSource(RestoreMode.class)
  void restore_prepared_isLikeAnyOther(RestoreMode mode) throws Exception {
    restore(mode).close();
    for (int i = 0; i < 3; i++) {
      awaitOneWaiting();
      Set<Long> prepared = waiting();
      try (Sandbox clone = restore(mode)) {
        eventually("the prepared CRIU was used", () -> areGone(prepared));
        assertThat(TestEngine.ask(clone, "len(ballast), ballast[0], ballast.count(b'x')"))
            .isEqualTo("(20971520, 120, 20971520)");
        assertThat(TestEngine.ask(clone, "ballast.__setitem__(5, %d)".formatted(i)))
            .isEqualTo("None");
      }
    }
  }

  @Test
  void restore_preparedForAnotherLimit_isNotUsed() throws Exception {
    restore(RestoreMode.MAPPED).close();
    awaitOneWaiting();
    Set<Long> prepared = waiting();
    SandboxSpec other = new SandboxSpec("test", List.of(), 256L << 20, 50);
    try (Sandbox clone =
        engine
            .restore(snapshot, requirements, RestoreMode.MAPPED, other, (stream, bytes) -> {})
            .sandbox()) {
      assertThat(waiting()).containsAll(prepared);
      assertThat(TestEngine.ask(clone, "1 + 1")).isEqualTo("2");
    }
  }

  @Test
  void restore_preparedCriuWasKilled_startsAnother() throws Exception {
    restore(RestoreMode.MAPPED).close();
    awaitOneWaiting();
    waiting().forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    eventually("it ends", () -> waiting().isEmpty());
    try (Sandbox clone = restore(RestoreMode.MAPPED)) {
      assertThat(TestEngine.ask(clone, "len(ballast)")).isEqualTo("20971520");
    }
  }

  private static boolean areGone(Set<Long> pids) {
    return pids.stream().noneMatch(pid -> Files.exists(Path.of("/proc/" + pid)));
  }

  @Test
  void restore_preparedSandboxWasKilled_takesAnother() throws Exception {
    restore(RestoreMode.EAGER).close();
    awaitOneWaiting();
    waiting().stream()
        .flatMap(pid -> ProcessHandle.of(pid).stream())
        .flatMap(criu -> criu.parent().stream())
        .forEach(ProcessHandle::destroyForcibly);
    eventually("it ends", () -> waiting().isEmpty());
    try (Sandbox clone = restore(RestoreMode.EAGER)) {
      assertThat(TestEngine.ask(clone, "len(ballast)")).isEqualTo("20971520");
    }
  }

  @Test
  void restore_snapshotWasMovedAwayAndAnotherPutInItsPlace_restoresTheOther() throws Exception {
    restore(RestoreMode.EAGER).close();
    awaitOneWaiting();
    Files.move(snapshot, directory.resolve("away"));
    Files.createDirectory(snapshot);
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, "ballast = 'the other'");
      requirements = engine.checkpoint(sandbox, pid, snapshot, false).requirements();
    }
    try (Sandbox clone = restore(RestoreMode.EAGER)) {
      assertThat(TestEngine.ask(clone, "ballast")).isEqualTo("'the other'");
    }
  }

  @Test
  void forgetDeleted_endsWhatWasPrepared() throws Exception {
    restore(RestoreMode.MAPPED).close();
    awaitOneWaiting();
    Files.move(snapshot, directory.resolve("away"));
    engine.forgetDeleted();
    eventually("nothing waits", () -> waiting().isEmpty());
  }

  @Test
  void prepare_beforeTheFirstRestore_isUsedByIt() throws Exception {
    engine.prepare(snapshot, RestoreMode.MAPPED, TestEngine.spec());
    awaitOneWaiting();
    Set<Long> prepared = waiting();
    try (Sandbox clone = restore(RestoreMode.MAPPED)) {
      eventually("the prepared CRIU was used", () -> areGone(prepared));
      assertThat(TestEngine.ask(clone, "len(ballast)")).isEqualTo("20971520");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = RestoreMode.class,
      names = {"EAGER", "MAPPED"})
  void greeting_isSaidWhenTheFunctionRuns(RestoreMode mode) throws Exception {
    RestoredProcess restored = greet(mode, "function.sock", "len(ballast)\n");
    try (Sandbox clone = restored.sandbox()) {
      ByteBuffer answer = restored.greeted().get(10, TimeUnit.SECONDS);
      assertThat(StandardCharsets.UTF_8.decode(answer).toString()).isEqualTo("20971520");
      assertThat(TestEngine.ask(clone, "1 + 1")).isEqualTo("2");
    }
  }

  @Test
  void greeting_ofManyBytesBothWays_arrivesWhole() throws Exception {
    String text = "żółw".repeat(60_000);
    RestoredProcess restored = greet(RestoreMode.MAPPED, "function.sock", "'%s'\n".formatted(text));
    try (Sandbox clone = restored.sandbox()) {
      ByteBuffer answer = restored.greeted().get(10, TimeUnit.SECONDS);
      assertThat(StandardCharsets.UTF_8.decode(answer).toString()).isEqualTo("'" + text + "'");
      assertThat(clone.isAlive()).isTrue();
    }
  }

  @Test
  void greeting_nobodyListens_failsAndTheFunctionRuns() throws Exception {
    RestoredProcess restored = greet(RestoreMode.MAPPED, "absent.sock", "1\n");
    try (Sandbox clone = restored.sandbox()) {
      assertThatThrownBy(() -> restored.greeted().get(10, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(SandboxException.class)
          .hasMessageContaining("socket");
      assertThat(TestEngine.ask(clone, "1 + 1")).isEqualTo("2");
    }
  }

  @Test
  void greeting_answerNeverEnds_leavesInitAnswering() throws Exception {
    RestoredProcess restored =
        greet(
            RestoreMode.MAPPED, "function.sock", "[c.sendall(b'y' * 65536) for _ in range(99)]\n");
    try (Sandbox clone = restored.sandbox()) {
      assertThatThrownBy(() -> restored.greeted().get(10, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasMessageContaining("Message too long");
      assertThatCode(clone::memory).doesNotThrowAnyException();
    }
  }

  @Test
  void greeting_functionEnds_fails() throws Exception {
    RestoredProcess restored =
        greet(RestoreMode.MAPPED, "function.sock", "__import__('os')._exit(3)\n");
    try (Sandbox clone = restored.sandbox()) {
      assertThat(clone.exit(restored.pid()).get(10, TimeUnit.SECONDS)).hasToString("exit code 3");
      assertThat(restored.greeted().handle((answer, e) -> e != null || !answer.hasRemaining()))
          .succeedsWithin(java.time.Duration.ofSeconds(10))
          .isEqualTo(true);
    }
  }

  private RestoredProcess greet(RestoreMode mode, String socket, String message) {
    return engine.restore(
        snapshot,
        requirements,
        mode,
        TestEngine.spec(),
        (stream, bytes) -> {},
        Optional.of(
            new Greeting(socket, ByteBuffer.wrap(message.getBytes(StandardCharsets.UTF_8)))));
  }
}
