package dev.rekindle.store.shared;

import static dev.rekindle.store.tier.StoreNode.IDENTITY;
import static dev.rekindle.store.tier.StoreNode.await;
import static dev.rekindle.store.tier.StoreNode.memory;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.blob.FilesystemBlobs;
import dev.rekindle.store.tier.StoreNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills collectors, two at a time, in the middle of their work, and looks what is left. */
class CollectorCrashTest {
  private static final int ROUNDS = 6;
  private static final int SNAPSHOTS = 6;
  private static final int SLOTS = 60;

  @TempDir Path workspace;

  @Test
  void collectors_killedAtAnyMoment_takeNothingThatIsNeeded() throws Exception {
    var random = new Random(20260303);
    Path shared = workspace.resolve("shared");
    List<String> kept = new ArrayList<>();
    try (var blobs = FilesystemBlobs.open(shared)) {
      for (int round = 0; round < ROUNDS; round++) {
        try (var node = new StoreNode(workspace.resolve("writer"), blobs)) {
          for (int i = 0; i < SNAPSHOTS; i++) {
            String id = "sn-" + round + "-" + i;
            node.publish(id, memory(seed(id), SLOTS));
            if (i % 2 == 0) {
              node.store().delete(id);
            } else {
              kept.add(id);
            }
          }
          await(() -> node.store().tasksWaiting() == 0);
        }
        collectAndKill(shared, random);
        assertThat(new StoreCheck(blobs).run().problems()).as("round %d", round).isEmpty();
      }
      // A collector that is let finish frees what the killed ones left.
      var collection = new GarbageCollection(blobs, "last", Duration.ofMillis(1));
      await(
          () -> {
            try {
              var report = collection.run(Retention.ALL, false);
              return report.condemned() == 0 && report.deleted() == 0;
            } catch (StoreException e) {
              throw new IllegalStateException(e);
            }
          });
      try (var node = new StoreNode(workspace.resolve("reader"), blobs)) {
        assertThat(node.store().look(IDENTITY))
            .extracting(SnapshotManifest::id)
            .containsExactlyInAnyOrderElementsOf(kept);
        for (String id : kept) {
          try (var lease = node.store().open(id)) {
            assertThat(Files.readAllBytes(lease.directory().resolve(StoreNode.PAGES)))
                .isEqualTo(memory(seed(id), SLOTS));
          }
        }
      }
    }
  }

  private static long seed(String id) {
    return id.hashCode();
  }

  private static void collectAndKill(Path shared, Random random) throws Exception {
    Process a = CollectorProcess.start(shared, "a");
    Process b = CollectorProcess.start(shared, "b");
    try {
      for (Process each : new Process[] {a, b}) {
        assertThat(each.inputReader().readLine()).isEqualTo("opened");
      }
      LockSupport.parkNanos(random.nextInt(150_000_000));
    } finally {
      a.toHandle().destroyForcibly();
      b.toHandle().destroyForcibly();
      a.waitFor();
      b.waitFor();
    }
  }
}
