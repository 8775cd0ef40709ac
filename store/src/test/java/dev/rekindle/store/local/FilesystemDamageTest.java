package dev.rekindle.store.local;

import static dev.rekindle.store.Samples.PAGES;
import static dev.rekindle.store.Samples.assertFails;
import static dev.rekindle.store.Samples.assertHolds;
import static dev.rekindle.store.Samples.commit;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.store.Damage;
import dev.rekindle.store.Samples;
import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.SnapshotStore;
import dev.rekindle.store.SteppingClock;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreException.Reason;
import dev.rekindle.store.UnusableSnapshot;
import dev.rekindle.store.io.ContentDigest;
import dev.rekindle.store.io.DurableFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the filesystem store notices, beyond what every back end must. */
class FilesystemDamageTest {
  private final Path root;
  private final Path home;
  private final Path pages;

  FilesystemDamageTest(@TempDir Path root) {
    this.root = root;
    home = root.resolve("snapshots/a");
    pages = home.resolve("files").resolve(PAGES);
  }

  private FilesystemSnapshotStore open() throws StoreException {
    return FilesystemSnapshotStore.open(root, new SteppingClock());
  }

  @Test
  void open_contentReplacedBehindSameSizeAndTime_isRefused() throws Exception {
    try (var store = open()) {
      commit(store, "a", 1);
      FileTime time = Files.getLastModifiedTime(pages);
      Samples.flipBit(pages, 7, 0);
      Files.setLastModifiedTime(pages, time);
      assertFails(Reason.DAMAGED, () -> store.open("a"));
    }
  }

  @Test
  void open_touchedButUnchanged_isGood() throws Exception {
    try (var store = open()) {
      commit(store, "a", 1);
      Path copy = Files.copy(pages, root.resolve("copy"), StandardCopyOption.COPY_ATTRIBUTES);
      Files.move(copy, pages, StandardCopyOption.REPLACE_EXISTING);
      assertHolds(store, "a", 1);
    }
  }

  @Test
  void open_modeChanged_isRefused() throws Exception {
    try (var store = open()) {
      commit(store, "a", 1);
      Files.setPosixFilePermissions(pages, PosixFilePermissions.fromString("rwx------"));
      assertThat(assertFails(Reason.DAMAGED, () -> store.open("a")))
          .hasMessageContaining("has mode 0700 instead of 0");
    }
  }

  @Test
  void open_fileAdded_isRefused() throws Exception {
    try (var store = open()) {
      commit(store, "a", 1);
      Files.createFile(home.resolve("files/extra"));
      assertThat(assertFails(Reason.DAMAGED, () -> store.open("a")))
          .hasMessageContaining("'extra'");
    }
  }

  @Test
  void open_fileReplacedByLink_isRefused() throws Exception {
    try (var store = open()) {
      commit(store, "a", 1);
      Path elsewhere = Files.move(pages, root.resolve("elsewhere"));
      Files.createSymbolicLink(pages, elsewhere);
      assertFails(Reason.DAMAGED, () -> store.open("a"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"manifest.json", "manifest.sha256", "files", "."})
  void open_partRemoved_isRefusedAndDeletable(String part) throws Exception {
    try (var store = open()) {
      commit(store, "a", 1);
      DurableFiles.deleteTree(home.resolve(part).normalize());
      if (part.equals("manifest.sha256")) {
        // Read only along with the manifest, so make that one look touched.
        Files.setLastModifiedTime(home.resolve("manifest.json"), FileTime.fromMillis(0));
      }
      assertFails(Reason.DAMAGED, () -> store.open("a"));
    }
    try (var store = open()) {
      if (!part.equals(".")) {
        assertFails(Reason.DAMAGED, () -> store.open("a"));
        assertThat(store.delete("a")).isTrue();
      }
      commit(store, "a", 2);
      assertHolds(store, "a", 2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"manifest.json", "manifest.sha256"})
  void open_anyByteOfManifestFlipped_isRefused(String name) throws Exception {
    try (var store = open()) {
      commit(store, "a", 1);
      commit(store, "b", 2);
    }
    Path file = home.resolve(name);
    byte[] good = Files.readAllBytes(file);
    var random = new Random(42);
    for (int offset = 0; offset < good.length; offset++) {
      int bit = random.nextInt(8);
      Samples.flipBit(file, offset, bit);
      try (var store = open()) {
        assertThat(store.list())
            .as("bit %d of byte %d", bit, offset)
            .extracting(SnapshotManifest::id)
            .containsExactly("b");
        assertThat(store.unusable()).extracting(UnusableSnapshot::id).containsExactly("a");
        assertFails(Reason.DAMAGED, () -> store.open("a"));
      }
      Files.write(file, good);
    }
    try (var store = open()) {
      assertHolds(store, "a", 1);
    }
  }

  @Test
  void open_manifestFlippedWhileOpen_isRefused() throws Exception {
    try (var store = open()) {
      commit(store, "a", 1);
      Samples.flipBit(home.resolve("manifest.json"), 20, 1);
      assertFails(Reason.DAMAGED, () -> store.open("a"));
    }
  }

  @Test
  void open_otherSnapshotsDirectory_isRefused() throws Exception {
    try (var store = open()) {
      commit(store, "a", 1);
    }
    Files.move(home, root.resolve("snapshots/b"));
    try (var store = open()) {
      assertFails(Reason.DAMAGED, () -> store.open("b"));
    }
  }

  @Test
  void open_newerFormat_isRefusedWithReason() throws Exception {
    try (var store = open()) {
      commit(store, "a", 1);
    }
    rewriteManifest("\"formatVersion\" : 1", "\"formatVersion\" : 2");
    try (var store = open()) {
      assertThat(assertFails(Reason.UNSUPPORTED_FORMAT, () -> store.open("a")))
          .hasMessageContaining("format 2")
          .hasMessageContaining("update this node");
      assertThat(store.list()).isEmpty();
      assertThat(store.delete("a")).isTrue();
    }
  }

  @Test
  void open_unknownFields_areIgnored() throws Exception {
    try (var store = open()) {
      commit(store, "a", 1);
    }
    rewriteManifest("\"formatVersion\"", "\"chunks\" : [ {} ], \"formatVersion\"");
    rewriteManifest("\"digest\"", "\"owner\" : 0, \"digest\"");
    try (var store = open()) {
      assertHolds(store, "a", 1);
    }
  }

  @Test
  void commit_fileStillGrowing_isRefused() throws Exception {
    try (var store = open();
        var draft = store.begin("a");
        var file = new RandomAccessFile(draft.directory().resolve(PAGES).toFile(), "rw")) {
      file.write(noise(8 << 20));
      var writer =
          new Thread(
              () -> {
                try {
                  for (long length = 8 << 20; !Thread.interrupted(); length++) {
                    file.setLength(length);
                  }
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      writer.start();
      try {
        assertThat(
                assertFails(
                    Reason.INVALID_DRAFT, () -> draft.commit(Samples.LABELS, Samples.REQUIREMENTS)))
            .hasMessageContaining("still being written");
      } finally {
        writer.interrupt();
        writer.join();
      }
    }
  }

  @Test
  void open_verifiedBefore_doesNotReadAgain() throws Exception {
    long bytes = 16 << 20;
    try (var store = open();
        var draft = store.begin("a")) {
      try (var file = new RandomAccessFile(draft.directory().resolve(PAGES).toFile(), "rw")) {
        file.write(noise((int) bytes));
      }
      draft.commit(Samples.LABELS, Samples.REQUIREMENTS);
      assertThat(bytesReadByOpening(store)).as("after a commit").isLessThan(bytes / 2);
    }
    try (var store = open()) {
      assertThat(bytesReadByOpening(store)).as("after a restart").isLessThan(bytes / 2);
    }
    var record = Objects.requireNonNull(pages.getParent().getParent()).resolve("verified");
    Samples.damage(record, Damage.FLIPPED_BIT);
    try (var store = open()) {
      assertThat(bytesReadByOpening(store)).as("record damaged").isGreaterThanOrEqualTo(bytes);
      assertThat(bytesReadByOpening(store)).as("second open").isLessThan(bytes / 2);
    }
    Files.writeString(record, Files.readString(record).replaceFirst("\n[0-9a-f-]{36}", "\nother"));
    try (var store = open()) {
      assertThat(bytesReadByOpening(store)).as("another boot").isGreaterThanOrEqualTo(bytes);
      Files.setLastModifiedTime(pages, FileTime.fromMillis(0));
      assertThat(bytesReadByOpening(store)).as("when touched").isGreaterThanOrEqualTo(bytes);
    }
  }

  /** Bytes that no digest may skip. */
  private static byte[] noise(int bytes) {
    byte[] noise = new byte[bytes];
    new java.util.Random(1).nextBytes(noise);
    return noise;
  }

  private static long bytesReadByOpening(SnapshotStore store) throws Exception {
    long before = bytesRead();
    store.open("a").close();
    return bytesRead() - before;
  }

  /** What this process has read so far, by the kernel's count. */
  private static long bytesRead() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/io"))) {
      if (line.startsWith("rchar: ")) {
        return Long.parseLong(line.substring("rchar: ".length()));
      }
    }
    throw new IOException("/proc/self/io has no rchar");
  }

  /** Changes the manifest as a newer release might have written it, digest included. */
  private void rewriteManifest(String old, String replacement) throws IOException {
    Path manifest = home.resolve("manifest.json");
    String text = Files.readString(manifest);
    assertThat(text).contains(old);
    byte[] json = text.replace(old, replacement).getBytes(StandardCharsets.UTF_8);
    Files.write(manifest, json);
    Files.writeString(
        home.resolve("manifest.sha256"), ContentDigest.of(json) + "  manifest.json\n");
  }
}
