package dev.rekindle.store.tier;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.store.blob.FilesystemBlobs;
import dev.rekindle.store.shared.GarbageCollection;
import dev.rekindle.store.shared.Retention;
import dev.rekindle.store.shared.StoreCheck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills nodes that write, upload, fetch, evict and delete, and looks what is left. */
class NodeCrashTest {
  private static final int ROUNDS = 8;

  private final Path workspace;

  NodeCrashTest(@TempDir Path workspace) {
    this.workspace = workspace;
  }

  @Test
  void open_nodesKilledAtAnyMoment_findsOnlyWholeSnapshots() throws Exception {
    var random = new Random(20260202);
    Path shared = workspace.resolve("shared");
    int seen = 0;
    for (int round = 0; round < ROUNDS; round++) {
      runAndKill("r" + round, random);
      try (var blobs = FilesystemBlobs.open(shared)) {
        assertThat(new StoreCheck(blobs).run().problems()).as("round %d", round).isEmpty();
        for (String name : new String[] {"a", "b"}) {
          try (var node = new StoreNode(workspace.resolve(name), blobs)) {
            assertThat(node.store().unusable()).as("round %d", round).isEmpty();
            for (var manifest : node.store().look(StoreNode.IDENTITY)) {
              try (var lease = node.store().open(manifest.id())) {
                assertThat(Files.readAllBytes(lease.directory().resolve("pages-1.img")))
                    .isEqualTo(
                        StoreNode.memory(NodeProcess.seedOf(manifest.id()), NodeProcess.SLOTS));
                seen++;
              }
            }
            // What waited for its upload is uploaded now.
            StoreNode.await(() -> node.store().tasksWaiting() == 0);
          }
        }
        new GarbageCollection(blobs, "test", TierSettings.DEFAULT_GRACE).run(Retention.ALL, false);
      }
    }
    assertThat(seen).isGreaterThan(ROUNDS);
  }

  private void runAndKill(String prefix, Random random) throws Exception {
    Process a = start("a", prefix + "a", random);
    Process b = start("b", prefix + "b", random);
    try {
      for (Process each : new Process[] {a, b}) {
        var output = each.inputReader();
        assertThat(output.readLine()).isEqualTo("opened");
      }
      var output = a.inputReader();
      for (int lines = 2 + random.nextInt(8); lines > 0; lines--) {
        assertThat(output.readLine()).isNotNull().doesNotStartWith("refused");
      }
      LockSupport.parkNanos(random.nextInt(30_000_000));
    } finally {
      a.toHandle().destroyForcibly();
      b.toHandle().destroyForcibly();
      a.waitFor();
      b.waitFor();
    }
  }

  private Process start(String name, String prefix, Random random) throws Exception {
    return NodeProcess.start(
        workspace.resolve(name), workspace.resolve("shared"), prefix, random.nextLong());
  }
}
