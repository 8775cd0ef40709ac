package dev.rekindle.store.shared;

import static dev.rekindle.store.tier.StoreNode.IDENTITY;
import static dev.rekindle.store.tier.StoreNode.await;
import static dev.rekindle.store.tier.StoreNode.memory;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.store.Damage;
import dev.rekindle.store.Samples;
import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.blob.BlobStore;
import dev.rekindle.store.blob.FilesystemBlobs;
import dev.rekindle.store.tier.StoreNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What no snapshot needs goes, and nothing else. Time passes in the store: its blobs grow older.
 */
class GarbageCollectionTest {
  private static final Duration GRACE = Duration.ofHours(1);
  private static final Duration MORE = GRACE.plusMinutes(1);
  private static final int SLOTS = 60;

  private final Path workspace;
  private final BlobStore blobs;
  private final StoreNode a;
  private final StoreNode b;

  GarbageCollectionTest(@TempDir Path workspace) throws Exception {
    this.workspace = workspace;
    blobs = FilesystemBlobs.open(workspace.resolve("shared"));
    a = new StoreNode(workspace.resolve("a"), blobs);
    b = new StoreNode(workspace.resolve("b"), blobs);
  }

  @AfterEach
  void closeAll() {
    a.close();
    b.close();
    blobs.close();
  }

  private GarbageCollection.Report collect() throws Exception {
    return collect(Retention.ALL, false);
  }

  private GarbageCollection.Report collect(Retention retention, boolean dryRun) throws Exception {
    return new GarbageCollection(blobs, "test", GRACE).run(retention, dryRun);
  }

  /** All that is in the store becomes older by so much. */
  private void pass(Duration time) throws Exception {
    try (var files = Files.walk(workspace.resolve("shared/blobs"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Instant then = Files.getLastModifiedTime(file).toInstant().minus(time);
        Files.setLastModifiedTime(file, FileTime.from(then));
      }
    }
  }

  private void delete(StoreNode node, String id) throws Exception {
    node.store().delete(id);
    await(() -> node.store().tasksWaiting() == 0);
  }

  @Test
  void run_snapshotDeleted_freesItsPacksAfterTwoGracePeriods() throws Exception {
    a.publish("sn-1", memory(1, SLOTS));
    delete(a, "sn-1");
    assertThat(collect().condemned()).as("too young").isZero();
    pass(MORE);
    assertThat(collect().condemned()).isEqualTo(1);
    assertThat(collect().deleted()).as("condemned just now").isZero();
    pass(MORE);
    var report = collect();
    assertThat(report.deleted()).isEqualTo(1);
    assertThat(report.freedBytes()).isGreaterThan(100_000);
    assertThat(StoreNode.keys(blobs, "")).isEmpty();
  }

  @Test
  void run_packShared_staysWhileOneSnapshotNeedsIt() throws Exception {
    byte[] memory = memory(2, SLOTS);
    a.publish("sn-1", memory);
    a.publish("sn-2", memory);
    delete(a, "sn-1");
    for (int i = 0; i < 4; i++) {
      pass(MORE);
      collect();
    }
    b.store().look(IDENTITY);
    b.assertHolds("sn-2", memory);
  }

  @Test
  void run_packCondemned_isNotUsedByNewSnapshots() throws Exception {
    byte[] memory = memory(3, SLOTS);
    a.publish("sn-1", memory);
    delete(a, "sn-1");
    pass(MORE);
    assertThat(collect().condemned()).isEqualTo(1);
    b.publish("sn-2", memory);
    pass(MORE);
    assertThat(collect().deleted()).isEqualTo(1);
    a.store().look(IDENTITY);
    a.assertHolds("sn-2", memory);
  }

  @Test
  void run_packCondemnedWhileAnUploadLeansOnIt_isAcquitted() throws Exception {
    byte[] memory = memory(4, SLOTS);
    a.publish("sn-1", memory);
    var shared = new SharedSnapshots(blobs);
    var manifest = shared.read(IDENTITY, "sn-1");
    // An upload knows the pack; its snapshot is deleted and the pack condemned before it ends.
    delete(a, "sn-1");
    pass(MORE);
    assertThat(collect().condemned()).isEqualTo(1);
    shared.publish(manifest);
    pass(MORE);
    assertThat(collect().deleted()).isZero();
    assertThat(StoreNode.keys(blobs, "condemned/")).isEmpty();
    assertThat(new StoreCheck(blobs).run().problems()).isEmpty();
  }

  @Test
  void upload_longerThanHalfTheGrace_beginsAnew() throws Exception {
    byte[] memory = memory(5, SLOTS);
    a.publish("sn-1", memory);
    var calls = new int[1];
    var manifest = b.store().find("sn-1");
    assertThat(manifest).isEmpty();
    var upload =
        new SnapshotUpload(
            new SharedSnapshots(blobs),
            new SharedChunks(new SharedSnapshots(blobs)),
            GRACE,
            () -> calls[0]++ * GRACE.toNanos(),
            new Random(5),
            a.store().find("sn-1").orElseThrow(),
            a.files("sn-1"));
    Samples.assertFails(StoreException.Reason.UNAVAILABLE, upload::run);
  }

  @Test
  void run_dryRun_changesNothing() throws Exception {
    a.publish("sn-1", memory(6, SLOTS));
    a.publish("sn-2", memory(7, SLOTS));
    delete(a, "sn-1");
    pass(MORE);
    List<String> before = StoreNode.keys(blobs, "");
    var report = collect(new Retention(Optional.of(Duration.ofMinutes(1)), 0, 0), true);
    assertThat(report.expired()).containsExactly("sn-2");
    assertThat(report.condemned()).isEqualTo(2);
    assertThat(StoreNode.keys(blobs, "")).containsExactlyInAnyOrderElementsOf(before);
  }

  @Test
  void run_retentionByCount_keepsTheNewest() throws Exception {
    for (int i = 0; i < 4; i++) {
      a.publish("sn-" + i, memory(i, 10));
      pass(Duration.ofMinutes(1));
    }
    var report = collect(new Retention(Optional.empty(), 2, 0), false);
    assertThat(report.expired()).containsExactlyInAnyOrder("sn-0", "sn-1");
    assertThat(b.store().look(IDENTITY))
        .extracting(SnapshotManifest::id)
        .containsExactlyInAnyOrder("sn-2", "sn-3");
  }

  @Test
  void run_retentionByBytes_removesTheOldestUntilItFits() throws Exception {
    for (int i = 0; i < 4; i++) {
      a.publish("sn-" + i, memory(i, SLOTS));
      pass(Duration.ofMinutes(1));
    }
    long each = StoreNode.bytes(blobs, "packs/") / 4;
    var report = collect(new Retention(Optional.empty(), 0, 2 * each + each / 2), false);
    assertThat(report.expired()).containsExactly("sn-0", "sn-1");
  }

  @Test
  void run_clocksOfNodesDiffer_onlyTheStoresTimeCounts() throws Exception {
    // StoreNode's clock stands in the year 2026 or so, the store's is this machine's.
    byte[] memory = memory(8, SLOTS);
    a.skip(Duration.ofDays(400));
    a.publish("sn-1", memory);
    assertThat(collect().condemned()).isZero();
    assertThat(collect(new Retention(Optional.of(GRACE), 0, 0), true).expired()).isEmpty();
    b.store().look(IDENTITY);
    b.assertHolds("sn-1", memory);
  }

  @Test
  void run_manifestUnreadable_freesNothing() throws Exception {
    a.publish("sn-1", memory(9, SLOTS));
    a.publish("sn-2", memory(10, SLOTS));
    delete(a, "sn-1");
    pass(MORE);
    var shared = workspace.resolve("shared/blobs/snapshots/" + IDENTITY + "/sn-2");
    try (var files = Files.list(shared)) {
      Samples.damage(files.findFirst().orElseThrow(), Damage.FLIPPED_BIT);
    }
    var report = collect();
    assertThat(report.unreadable()).containsExactly("sn-2");
    assertThat(report.condemned() + report.deleted()).isZero();
  }

  @Test
  void check_alteredPack_namesTheSnapshot() throws Exception {
    a.publish("sn-1", memory(11, SLOTS));
    assertThat(new StoreCheck(blobs).run().problems()).isEmpty();
    try (var files = Files.walk(workspace.resolve("shared/blobs/packs"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Samples.damage(file, Damage.FLIPPED_BIT);
      }
    }
    var report = new StoreCheck(blobs).run();
    assertThat(report.snapshots()).isEqualTo(1);
    assertThat(report.problems()).extracting(StoreCheck.Problem::id).containsExactly("sn-1");
  }

  /** Two nodes write, delete and collect in any order; what is there can always be read. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void run_anyOrderOfCalls_keepsWhatIsNeeded(long seed) throws Exception {
    var random = new Random(seed);
    List<String> there = new ArrayList<>();
    for (int step = 0; step < 60; step++) {
      StoreNode node = random.nextBoolean() ? a : b;
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          String id = "sn-" + seed + "-" + step;
          node.publish(id, memory(random.nextInt(4), 20));
          there.add(id);
        }
        case 2 -> {
          if (!there.isEmpty()) {
            String id = there.remove(random.nextInt(there.size()));
            node.store().look(IDENTITY);
            delete(node, id);
          }
        }
        case 3 -> pass(Duration.ofMinutes(random.nextInt(120)));
        default -> collect();
      }
    }
    assertThat(new StoreCheck(blobs).run().problems()).isEmpty();
    for (int i = 0; i < 3; i++) {
      pass(MORE);
      collect();
    }
    var report = new StoreCheck(blobs).run();
    assertThat(report.problems()).isEmpty();
    assertThat(report.snapshots()).isEqualTo(there.size());
    there.forEach(
        id -> {
          try {
            delete(a, id);
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }
}
