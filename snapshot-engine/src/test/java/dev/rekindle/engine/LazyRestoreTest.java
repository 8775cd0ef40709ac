package dev.rekindle.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.engine.pages.LazyOptions;
import dev.rekindle.engine.pages.PageStatistics;
import dev.rekindle.engine.pages.WorkingSet;
import dev.rekindle.engine.sandbox.Sandbox;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LazyRestoreTest {
  private static final String HUNDRED_MB =
      """
      import hashlib, random
      r = random.Random(5)
      blocks = [r.randbytes(1 << 20) for _ in range(120)]
      digest = lambda: hashlib.sha256(b''.join(blocks)).hexdigest()
      """;

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

  @Test
  void restoreLazily_bringsBackEveryByte() throws Exception {
    CheckpointResult checkpoint;
    String digest;
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, HUNDRED_MB);
      digest = TestEngine.ask(sandbox, "digest()");
      checkpoint = engine.checkpoint(sandbox, pid, directory, false);
    }
    LazilyRestoredProcess restored =
        engine.restoreLazily(
            directory,
            checkpoint.requirements(),
            TestEngine.spec(),
            (stream, bytes) -> {},
            Optional.empty(),
            LazyOptions.recording());
    try (Sandbox sandbox = restored.process().sandbox()) {
      assertThat(TestEngine.ask(sandbox, "os.getpid()")).isEqualTo("300");
      assertThat(restored.pages().statistics().faults()).isPositive();
      assertThat(restored.pages().statistics().bytes()).isLessThan(20L << 20);
      WorkingSet workingSet = restored.pages().workingSet().get(5, TimeUnit.SECONDS);
      assertThat(workingSet.bytes()).isPositive();
      assertThat(TestEngine.ask(sandbox, "digest()")).isEqualTo(digest);
      PageStatistics statistics = restored.pages().done().get(20, TimeUnit.SECONDS);
      assertThat(statistics.bytes()).isGreaterThan(120L << 20);
      assertThat(TestEngine.ask(sandbox, "digest()")).isEqualTo(digest);
    }
  }
}
