package dev.rekindle.store.local;

import static dev.rekindle.store.Samples.LABELS;
import static dev.rekindle.store.Samples.REQUIREMENTS;
import static dev.rekindle.store.Samples.assertFails;
import static dev.rekindle.store.Samples.assertHolds;
import static dev.rekindle.store.Samples.commit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.SteppingClock;
import dev.rekindle.store.StorageFailure;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreException.Reason;
import dev.rekindle.store.Tmpfs;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A full and a read-only disk, both real. */
class FilesystemSpaceTest {
  private static final String SMALL = "size=256k,mode=755";

  private final Path root;

  FilesystemSpaceTest(@TempDir Path root) {
    this.root = root;
  }

  private static FilesystemSnapshotStore open(Tmpfs disk) throws StoreException {
    return FilesystemSnapshotStore.open(disk.directory(), new SteppingClock());
  }

  @Test
  void commit_diskFull_isRefusedAndCleanedUp() throws Exception {
    try (var disk = Tmpfs.mount(root, SMALL);
        var store = open(disk)) {
      commit(store, "a", 1);
      long before = store.bytesStored();
      try (var draft = store.begin("b")) {
        Path file = draft.directory().resolve("memory");
        assertThatThrownBy(() -> Files.write(file, new byte[1 << 20]))
            .isInstanceOf(IOException.class);
        var failure = assertFails(Reason.NO_SPACE, () -> draft.commit(LABELS, REQUIREMENTS));
        assertThat(failure).hasMessageContaining("'b'").hasMessageContaining("delete snapshots");
      }
      assertThat(root.resolve("staging")).isEmptyDirectory();
      assertThat(root.resolve("trash")).isEmptyDirectory();
      assertThat(store.bytesStored()).isEqualTo(before);
      assertHolds(store, "a", 1);
      commit(store, "b", 2);
      assertHolds(store, "b", 2);
    }
  }

  @Test
  void begin_noInodesLeft_isRefusedUntilSomeAreFree() throws Exception {
    try (var disk = Tmpfs.mount(root, SMALL + ",nr_inodes=64");
        var store = open(disk)) {
      commit(store, "a", 1);
      var fillers = new ArrayList<Path>();
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 64; i++) {
                  fillers.add(Files.createFile(root.resolve("filler" + i)));
                }
              })
          .isInstanceOf(IOException.class);

      assertFails(Reason.NO_SPACE, () -> store.begin("b"));
      for (Path filler : fillers) {
        Files.delete(filler);
      }
      commit(store, "b", 2);
      assertHolds(store, "b", 2);
    }
  }

  @Test
  void delete_diskFull_makesRoom() throws Exception {
    try (var disk = Tmpfs.mount(root, SMALL);
        var store = open(disk)) {
      commit(store, "a", 1);
      try (var draft = store.begin("b")) {
        assertThatThrownBy(
                () -> Files.write(draft.directory().resolve("memory"), new byte[1 << 20]))
            .isInstanceOf(IOException.class);
        try (var lease = store.open("a")) {
          assertThat(store.delete("a")).isTrue();
          assertThat(root.resolve("snapshots/a/manifest.condemned")).exists();
          assertHolds(lease, 1);
        }
        draft.commit(LABELS, REQUIREMENTS);
      }
      assertThat(store.list()).extracting(SnapshotManifest::id).containsExactly("b");
    }
  }

  @Test
  void calls_diskReadOnly_areRefusedButReadsGoOn() throws Exception {
    try (var disk = Tmpfs.mount(root, SMALL);
        var store = open(disk)) {
      commit(store, "a", 1);
      commit(store, "d", 4);
      var draft = store.begin("b");
      disk.makeReadOnly();
      assertHolds(store, "a", 1);
      assertThat(assertFails(Reason.NOT_WRITABLE, () -> store.begin("c")))
          .hasMessageContaining("check its mount");
      assertFails(Reason.NOT_WRITABLE, () -> draft.commit(LABELS, REQUIREMENTS));
      assertFails(Reason.NOT_WRITABLE, () -> store.delete("d"));

      disk.makeWritable();
      assertThat(store.delete("d")).isTrue();
      for (String id : new String[] {"b", "c", "d"}) {
        commit(store, id, 3);
        assertHolds(store, id, 3);
      }
    }
  }

  @Test
  void open_rootReadOnly_isRefused() throws Exception {
    try (var disk = Tmpfs.mount(root, SMALL)) {
      disk.makeReadOnly();
      assertFails(Reason.NOT_WRITABLE, () -> open(disk));
      disk.makeWritable();
      open(disk).close();
    }
  }

  @Test
  void failure_quotaExceeded_isNoSpace() {
    var quota = new FileSystemException("memory", null, "Disk quota exceeded");
    assertThat(StorageFailure.of("committing", root, quota).reason()).isEqualTo(Reason.NO_SPACE);
  }
}
