package dev.rekindle.store.blob;

import static dev.rekindle.store.blob.BlobSamples.assertFails;
import static dev.rekindle.store.blob.BlobSamples.bytes;
import static dev.rekindle.store.blob.BlobSamples.keys;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.store.Tmpfs;
import dev.rekindle.store.blob.BlobException.Reason;
import dev.rekindle.store.blob.BlobStore.Condition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory of blobs whose writers are killed, whose disk is full, and that is read-only. */
class FilesystemBlobsCrashTest {
  private static final int ROUNDS = 12;
  private static final String GONE = "gone";

  @TempDir Path root;

  /** What each key may hold: seeds, or {@link #GONE}. One once the writer is done with it. */
  private final Map<String, Set<String>> possible = new HashMap<>();

  @Test
  void open_writerKilledAtAnyMoment_findsOnlyWholeBlobs() throws Exception {
    var random = new Random(20260105);
    boolean found = false;
    for (int round = 0; round < ROUNDS; round++) {
      runAndKill(random);
      try (var store = FilesystemBlobs.open(root)) {
        try (var staged = Files.list(root.resolve("staging"))) {
          assertThat(staged).as("its own directory and lock").hasSize(2);
        }
        for (var entry : possible.entrySet()) {
          var blob = store.head(entry.getKey());
          String held =
              blob.isEmpty() ? GONE : seedOf(store.get(entry.getKey(), BlobWriter.BYTES), entry);
          assertThat(entry.getValue()).contains(held);
          entry.setValue(new HashSet<>(Set.of(held)));
          found |= blob.isPresent();
        }
        assertThat(possible.keySet()).containsAll(keys(store, ""));
      }
    }
    assertThat(found).isTrue();
  }

  private static String seedOf(byte[] content, Map.Entry<String, Set<String>> entry) {
    return entry.getValue().stream()
        .filter(seed -> !seed.equals(GONE))
        .filter(seed -> Arrays.equals(content, bytes(Integer.parseInt(seed), BlobWriter.BYTES)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("foreign bytes in " + entry));
  }

  private void runAndKill(Random random) throws Exception {
    var writer = BlobWriter.start(root, random.nextLong());
    try (var output = writer.inputReader()) {
      int steps = 2 + random.nextInt(30);
      long stepNanos = 0;
      for (int step = 0; step < steps; step++) {
        long start = System.nanoTime();
        String line = output.readLine();
        assertThat(line).as("what the writer says").isNotNull();
        note(line);
        stepNanos = step == 0 ? 1_000_000 : Math.max(stepNanos / 2, System.nanoTime() - start);
      }
      LockSupport.parkNanos((long) (random.nextDouble() * stepNanos));
      assertThat(writer.toHandle().destroyForcibly()).isTrue();
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        note(line);
      }
    } finally {
      writer.destroyForcibly().waitFor();
    }
  }

  private void note(String line) {
    String[] words = line.split(" ");
    var seeds = possible.computeIfAbsent(words[1], key -> new HashSet<>(Set.of(GONE)));
    switch (words[0]) {
      case "puts" -> seeds.add(words[2]);
      case "put" -> seeds.retainAll(Set.of(words[2]));
      case "deletes" -> seeds.add(GONE);
      case "deleted" -> seeds.retainAll(Set.of(GONE));
      default -> throw new AssertionError("the writer said: " + line);
    }
  }

  @Test
  void open_anotherProcessAtWork_leavesItsFilesAlone() throws Exception {
    var writer = BlobWriter.start(root, 1);
    try (var output = writer.inputReader()) {
      assertThat(output.readLine()).as("what the writer says").isNotNull();
      for (int i = 0; i < 20; i++) {
        FilesystemBlobs.open(root).close();
        assertThat(output.readLine()).isNotNull();
      }
      assertThat(writer.isAlive()).isTrue();
    } finally {
      writer.destroyForcibly().waitFor();
    }
  }

  @Test
  void put_diskFull_failsUntilThereIsRoom() throws Exception {
    try (var disk = Tmpfs.mount(root, "size=512k,mode=755");
        var store = FilesystemBlobs.open(disk.directory())) {
      store.put("a", bytes(1, 300_000), Condition.ALWAYS);
      for (var condition : Condition.values()) {
        assertThat(assertFails(Reason.NO_SPACE, () -> store.put("b", bytes(2, 300_000), condition)))
            .hasMessageContaining("'b'")
            .hasMessageContaining("delete snapshots");
      }
      assertThat(keys(store, "")).containsExactly("a");
      store.delete("a");
      store.put("b", bytes(2, 300_000), Condition.IF_ABSENT);
      assertThat(store.get("b", 300_000)).isEqualTo(bytes(2, 300_000));
    }
  }

  @Test
  void calls_diskReadOnly_refuseWritesAndRead() throws Exception {
    try (var disk = Tmpfs.mount(root, "size=1m,mode=755");
        var store = FilesystemBlobs.open(disk.directory())) {
      store.put("a", bytes(1, 1_000), Condition.ALWAYS);
      disk.makeReadOnly();
      assertThat(store.get("a", 1_000)).isEqualTo(bytes(1, 1_000));
      assertFails(Reason.ACCESS_DENIED, () -> store.put("b", bytes(1, 1), Condition.ALWAYS));
      assertFails(Reason.ACCESS_DENIED, () -> store.delete("a"));
      assertFails(Reason.ACCESS_DENIED, () -> FilesystemBlobs.open(disk.directory()));
      disk.makeWritable();
      store.delete("a");
    }
  }
}
