package dev.rekindle.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.engine.sandbox.Sandbox;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SnapshotEngineTest {
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

  @ParameterizedTest
  @EnumSource(names = {"EAGER", "MAPPED"})
  void restore_bringsBackTheProcessAsItWas(RestoreMode mode) throws Exception {
    CheckpointResult checkpoint;
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, "import collections; x = collections.Counter('rekindle')");
      assertThat(TestEngine.ask(sandbox, "state.setdefault('n', 41)")).isEqualTo("41");
      checkpoint = engine.checkpoint(sandbox, pid, directory, true);
      assertThat(TestEngine.ask(sandbox, "state['n'] + 1")).isEqualTo("42");
    }
    ConcurrentLinkedQueue<String> printed = new ConcurrentLinkedQueue<>();
    RestoredProcess restored =
        engine.restore(
            directory,
            checkpoint.requirements(),
            mode,
            TestEngine.spec(),
            (stream, bytes) ->
                printed.add(stream + new String(bytes, java.nio.charset.StandardCharsets.UTF_8)));
    try (Sandbox sandbox = restored.sandbox()) {
      assertThat(TestEngine.ask(sandbox, "state['n'], x['e'], os.getpid(), os.getuid()"))
          .isEqualTo("(41, 2, 300, 61100)");
      TestEngine.ask(sandbox, "print('out', flush=True), print('err', file=sys.stderr)");
      await(() -> printed.size() >= 2);
      assertThat(printed).contains("1out\n", "2err\n");
      assertThat(sandbox.memory().privateBytes()).isPositive();
    }
  }

  private static void await(java.util.concurrent.Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.call()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("the condition did not come true in 20 s");
      }
      Thread.sleep(2);
    }
  }
}
