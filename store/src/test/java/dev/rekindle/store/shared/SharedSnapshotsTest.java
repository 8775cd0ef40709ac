package dev.rekindle.store.shared;

import static dev.rekindle.store.tier.StoreNode.IDENTITY;
import static dev.rekindle.store.tier.StoreNode.PAGES;
import static dev.rekindle.store.tier.StoreNode.await;
import static dev.rekindle.store.tier.StoreNode.memory;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.store.Damage;
import dev.rekindle.store.FileRange;
import dev.rekindle.store.Samples;
import dev.rekindle.store.StoreException.Reason;
import dev.rekindle.store.Tmpfs;
import dev.rekindle.store.UnusableSnapshot;
import dev.rekindle.store.blob.BlobStore;
import dev.rekindle.store.blob.FilesystemBlobs;
import dev.rekindle.store.tier.StoreNode;
import dev.rekindle.store.tier.TierSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes that share nothing but a blob store. */
class SharedSnapshotsTest {
  private static final int SLOTS = 200;

  private final Path workspace;
  private final BlobStore blobs;
  private final StoreNode a;
  private final StoreNode b;

  SharedSnapshotsTest(@TempDir Path workspace) throws Exception {
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

  @Test
  void open_madeElsewhere_isTheSame() throws Exception {
    byte[] memory = memory(1, SLOTS);
    var manifest = a.publish("sn-1", memory);

    assertThat(b.store().find("sn-1")).isEmpty();
    assertThat(b.store().look(IDENTITY)).containsExactly(manifest);
    assertThat(b.store().list()).containsExactly(manifest);
    assertThat(b.store().storage("sn-1").local()).isFalse();
    b.assertHolds("sn-1", memory);
    assertThat(b.store().storage("sn-1").local()).isTrue();

    b.reopen();
    assertThat(b.store().find("sn-1")).contains(manifest);
    b.assertHolds("sn-1", memory);
  }

  @Test
  void look_otherIdentity_findsNothing() throws Exception {
    a.publish("sn-1", memory(1, 3));
    assertThat(b.store().look("f-2")).isEmpty();
    assertThat(b.store().list()).isEmpty();
  }

  @Test
  void commit_alike_storesOnlyWhatIsNew() throws Exception {
    byte[] memory = memory(2, SLOTS);
    a.publish("sn-1", memory);
    long first = StoreNode.bytes(blobs, "packs/");
    memory[5 * ChunkManifest.SLOT_BYTES] ^= 1;
    b.publish("sn-2", memory);

    assertThat(StoreNode.bytes(blobs, "packs/") - first).isLessThan(40_000);
    assertThat(b.store().storage("sn-2").uploadedBytes()).isLessThan(40_000);
    assertThat(b.store().storage("sn-2").sharedBytes()).isGreaterThan(first / 2);
    a.store().look(IDENTITY);
    a.assertHolds("sn-2", memory);
  }

  @Test
  void commit_zeros_costNothing() throws Exception {
    a.publish("sn-1", new byte[64 << 20]);
    assertThat(StoreNode.bytes(blobs, "")).isLessThan(4_000);
    b.store().look(IDENTITY);
    b.assertHolds("sn-1", new byte[64 << 20]);
    assertThat(b.store().bytesStored()).isLessThan(1 << 20);
  }

  @Test
  void openArriving_partByPart_isTheSameAndBecomesLocal() throws Exception {
    byte[] memory = memory(3, SLOTS);
    a.publish("sn-1", memory);
    b.store().look(IDENTITY);
    try (var lease = b.store().openArriving("sn-1", name -> name.equals(PAGES))) {
      var files = lease.arriving().orElseThrow();
      assertThat(lease.directory().resolve("images/core-300.img")).hasContent("core of sn-1");
      assertThat(lease.directory().resolve(PAGES)).hasSize(memory.length);

      var random = new Random(3);
      for (int i = 0; i < 100; i++) {
        int length = 1 + random.nextInt(100_000);
        int offset = random.nextInt(memory.length - length);
        var range = new FileRange(PAGES, offset, length);
        for (var asked = new CompletableFuture<Void>(); ; asked = new CompletableFuture<>()) {
          var ready = asked;
          if (files.isThere(range, () -> ready.complete(null))) {
            break;
          }
          ready.get(60, TimeUnit.SECONDS);
        }
        byte[] read = new byte[length];
        try (var in = Files.newByteChannel(lease.directory().resolve(PAGES))) {
          in.position(offset).read(java.nio.ByteBuffer.wrap(read));
        }
        assertThat(read).isEqualTo(java.util.Arrays.copyOfRange(memory, offset, offset + length));
      }
      files.fetchRest();
      await(() -> b.told().contains("arrived sn-1"));
    }
    b.assertHolds("sn-1", memory);
  }

  @Test
  void openArriving_fewRanges_fetchesLittle() throws Exception {
    byte[] memory = new byte[SLOTS * ChunkManifest.SLOT_BYTES];
    new Random(4).nextBytes(memory);
    a.publish("sn-1", memory);
    b.store().look(IDENTITY);
    try (var lease = b.store().openArriving("sn-1", name -> name.equals(PAGES))) {
      var files = lease.arriving().orElseThrow();
      files
          .fetch(List.of(new FileRange(PAGES, 0, 4096), new FileRange(PAGES, 1 << 20, 65536)))
          .toCompletableFuture()
          .get(60, TimeUnit.SECONDS);
      assertThat(files.bytesFetched()).isLessThan(8 * ChunkManifest.SLOT_BYTES);
    }
  }

  @Test
  void open_fromManyThreads_fetchesOnce() throws Exception {
    byte[] memory = memory(5, SLOTS);
    a.publish("sn-1", memory);
    b.store().look(IDENTITY);
    var opened =
        java.util.stream.IntStream.range(0, 8)
            .mapToObj(
                i ->
                    CompletableFuture.runAsync(
                        () -> {
                          try {
                            b.assertHolds("sn-1", memory);
                          } catch (Exception e) {
                            throw new AssertionError(e);
                          }
                        }))
            .toList();
    for (var each : opened) {
      each.get(60, TimeUnit.SECONDS);
    }
    assertThat(b.store().bytesFetched()).isLessThanOrEqualTo(StoreNode.bytes(blobs, "packs/"));
  }

  @Test
  void attach_record_isSeenElsewhere() throws Exception {
    a.publish("sn-1", memory(6, 3));
    a.store().attach("sn-1", "working-set", new byte[] {1, 2, 3});
    await(() -> a.store().tasksWaiting() == 0);
    b.store().look(IDENTITY);
    assertThat(b.store().attachment("sn-1", "working-set")).contains(new byte[] {1, 2, 3});
    assertThat(b.store().attachment("sn-1", "other")).isEmpty();
  }

  /** Whatever point of its upload the deletion meets. */
  @Test
  void delete_whileItIsUploaded_staysDeleted() throws Exception {
    var random = new Random(7);
    byte[] memory = memory(7, SLOTS);
    for (int round = 0; round < 30; round++) {
      String id = "sn-" + round;
      memory[round] ^= 1;
      a.commit(id, memory);
      Thread.sleep(random.nextInt(40));
      assertThat(a.store().delete(id)).isTrue();
    }
    await(() -> a.store().tasksWaiting() == 0);
    assertThat(a.store().list()).isEmpty();
    assertThat(b.store().look(IDENTITY)).isEmpty();
    a.reopen();
    assertThat(a.store().look(IDENTITY)).isEmpty();
  }

  @Test
  void delete_shared_isGoneEverywhere() throws Exception {
    byte[] memory = memory(7, SLOTS);
    a.publish("sn-1", memory);
    b.store().look(IDENTITY);
    assertThat(b.store().delete("sn-1")).isTrue();
    assertThat(b.store().delete("sn-1")).isFalse();
    await(() -> b.store().tasksWaiting() == 0);

    assertThat(StoreNode.keys(blobs, "snapshots/")).isEmpty();
    // The node that has the files may go on with them, and does not upload them again.
    assertThat(a.store().look(IDENTITY)).hasSize(1);
    a.assertHolds("sn-1", memory);
    a.reopen();
    await(() -> a.store().tasksWaiting() == 0);
    assertThat(StoreNode.keys(blobs, "snapshots/")).isEmpty();
  }

  @Test
  void localBudget_exceeded_evictsAndFetchesAgain() throws Exception {
    a.reopen(
        new TierSettings(TierSettings.Upload.ON_EVICTION, 5L << 20, TierSettings.DEFAULT_GRACE));
    for (int i = 0; i < 6; i++) {
      a.commit("sn-" + i, memory(i, SLOTS));
    }
    await(() -> a.store().tasksWaiting() == 0);
    assertThat(a.store().localBytes()).isLessThanOrEqualTo(5L << 20);
    assertThat(a.told()).filteredOn(told -> told.startsWith("evicted")).hasSizeGreaterThan(3);
    for (int i = 0; i < 6; i++) {
      a.assertHolds("sn-" + i, memory(i, SLOTS));
    }
    a.reopen();
    assertThat(a.store().look(IDENTITY)).hasSize(6);
  }

  @Test
  void localBudget_leased_isNotEvicted() throws Exception {
    a.reopen(
        new TierSettings(TierSettings.Upload.ON_EVICTION, 5L << 20, TierSettings.DEFAULT_GRACE));
    a.commit("sn-0", memory(0, SLOTS));
    try (var lease = a.store().open("sn-0")) {
      for (int i = 1; i < 6; i++) {
        a.commit("sn-" + i, memory(i, SLOTS));
      }
      await(() -> a.store().tasksWaiting() == 0);
      assertThat(a.told()).doesNotContain("evicted sn-0");
      assertThat(Files.readAllBytes(lease.directory().resolve(PAGES))).isEqualTo(memory(0, SLOTS));
    }
  }

  @Test
  void open_localCopyDamaged_comesFromTheSharedStore() throws Exception {
    byte[] memory = memory(8, SLOTS);
    a.publish("sn-1", memory);
    Samples.damage(a.files("sn-1").resolve(PAGES), Damage.FLIPPED_BIT);

    a.assertHolds("sn-1", memory);

    assertThat(a.told()).contains("damaged sn-1", "arrived sn-1").doesNotContain("lost sn-1");
  }

  @Test
  void open_packAltered_isNeverReadAndOutOfUse() throws Exception {
    byte[] memory = memory(9, SLOTS);
    a.publish("sn-1", memory);
    alterAllPacks(Damage.FLIPPED_BIT);
    b.store().look(IDENTITY);
    for (int i = 0; i < 2; i++) {
      var failure = Samples.assertFails(Reason.DAMAGED, () -> b.store().open("sn-1"));
      assertThat(failure).hasMessageContaining("sn-1");
    }
    assertThat(b.told()).contains("lost sn-1");
    assertThat(b.store().find("sn-1")).isEmpty();
    assertThat(b.store().unusable()).extracting(UnusableSnapshot::id).containsExactly("sn-1");
    assertThat(b.store().delete("sn-1")).isTrue();
  }

  @Test
  void open_packShortened_isOutOfUse() throws Exception {
    a.publish("sn-1", memory(10, SLOTS));
    alterAllPacks(Damage.SHORTENED);
    b.store().look(IDENTITY);
    Samples.assertFails(Reason.DAMAGED, () -> b.store().open("sn-1"));
  }

  @Test
  void openArriving_packRemoved_isOutOfUse() throws Exception {
    a.publish("sn-1", memory(11, SLOTS));
    blobs.deleteAll(StoreNode.keys(blobs, "packs/"));
    b.store().look(IDENTITY);
    Samples.assertFails(
        Reason.DAMAGED, () -> b.store().openArriving("sn-1", name -> name.equals(PAGES)));
    await(() -> b.told().contains("lost sn-1"));
  }

  @Test
  void open_chunkLostInTheSharedStore_comesFromAnotherLocalSnapshot() throws Exception {
    byte[] memory = memory(12, SLOTS);
    a.publish("sn-1", memory);
    b.store().look(IDENTITY);
    b.assertHolds("sn-1", memory);
    alterAllPacks(Damage.FLIPPED_BIT);
    a.publish("sn-2", memory);
    b.store().look(IDENTITY);

    // sn-2 shares its chunks with sn-1, which b has on its disk.
    b.assertHolds("sn-2", memory);
    assertThat(b.told()).doesNotContain("lost sn-2");
  }

  @Test
  void commit_sharedStoreGone_waitsAndIsUploadedLater() throws Exception {
    byte[] memory = memory(13, SLOTS);
    Path mountPoint = Files.createDirectory(workspace.resolve("medium"));
    try (var medium = Tmpfs.mount(mountPoint, "size=64m");
        var gone = FilesystemBlobs.open(mountPoint);
        var node = new StoreNode(workspace.resolve("c"), gone)) {
      medium.makeReadOnly();
      node.commit("sn-1", memory);
      await(() -> node.told().stream().anyMatch(told -> told.startsWith("delayed sn-1")));
      assertThat(node.store().storage("sn-1").uploadWaiting()).isTrue();
      node.assertHolds("sn-1", memory);

      node.reopen();
      assertThat(node.store().storage("sn-1").uploadWaiting()).as("after a restart").isTrue();
      medium.makeWritable();
      await(() -> node.told().contains("uploaded sn-1"));
      assertThat(node.store().storage("sn-1").uploadWaiting()).isFalse();
    }
  }

  @Test
  void open_localDiskFull_isRefusedAndLeavesNothing() throws Exception {
    byte[] memory = memory(14, 4 * SLOTS);
    a.publish("sn-1", memory);
    Path mountPoint = Files.createDirectory(workspace.resolve("small"));
    try (var small = Tmpfs.mount(mountPoint, "size=2m");
        var node = new StoreNode(small.directory().resolve("c"), blobs)) {
      node.store().look(IDENTITY);
      long before = node.store().bytesStored();
      Samples.assertFails(Reason.NO_SPACE, () -> node.store().open("sn-1"));
      await(() -> StoreNode.unchecked(() -> node.store().bytesStored()) <= before + 65536);
      assertThat(node.told()).as("the snapshot itself is sound").doesNotContain("lost sn-1");
      assertThat(node.store().find("sn-1")).isPresent();
    }
  }

  private void alterAllPacks(Damage damage) throws Exception {
    try (var files = Files.walk(workspace.resolve("shared/blobs/packs"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        for (int i = 0; i < 20 && damage == Damage.FLIPPED_BIT; i++) {
          Samples.flipBit(file, Files.size(file) * i / 20, 2);
        }
        if (damage != Damage.FLIPPED_BIT) {
          Samples.damage(file, damage);
        }
      }
    }
  }
}
