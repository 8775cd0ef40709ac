package dev.rekindle.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.engine.sandbox.SandboxSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine may have configuration for other users of CRIU: it is not for ours. */
class CriuConfigurationTest {
  @TempDir Path etc;
  @TempDir Path snapshot;

  @Test
  void checkpointAndRestore_withALineInCriusConfigurationThatItDoesNotKnow_work() throws Exception {
    Files.createDirectory(etc.resolve("criu"));
    Files.writeString(etc.resolve("criu/default.conf"), "no-such-option\nleave-running\n");
    SandboxSpec spec =
        new SandboxSpec(
            "test",
            List.of(new SandboxSpec.Bind(etc, "/etc")),
            512L << 20,
            SandboxSpec.DEFAULT_MAX_PROCESSES);
    try (SnapshotEngine engine = TestEngine.open()) {
      CheckpointResult checkpoint;
      try (Sandbox sandbox = engine.sandbox(spec)) {
        int pid = TestEngine.boot(sandbox, "state_of_before = 7");
        checkpoint = engine.checkpoint(sandbox, pid, snapshot, false);
      }
      try (Sandbox clone =
          engine
              .restore(snapshot, checkpoint.requirements(), RestoreMode.MAPPED, spec, (s, b) -> {})
              .sandbox()) {
        assertThat(TestEngine.ask(clone, "state_of_before")).isEqualTo("7");
      }
    }
  }
}
