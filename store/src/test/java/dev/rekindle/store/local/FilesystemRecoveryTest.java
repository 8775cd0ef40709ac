package dev.rekindle.store.local;

import static dev.rekindle.store.Samples.assertFails;
import static dev.rekindle.store.Samples.assertHolds;
import static dev.rekindle.store.Samples.commit;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.SteppingClock;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreException.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opening a root: what is cleared away, and who may own it. */
class FilesystemRecoveryTest {
  private final Path root;

  FilesystemRecoveryTest(@TempDir Path workspace) {
    root = workspace.resolve("deep/store");
  }

  private FilesystemSnapshotStore open() throws StoreException {
    return FilesystemSnapshotStore.open(root, new SteppingClock());
  }

  @Test
  void open_leftovers_areRemoved() throws Exception {
    try (var store = open()) {
      commit(store, "a", 1);
      commit(store, "b", 2);
      commit(store, "c", 3);
    }
    Files.move(root.resolve("snapshots/a"), root.resolve("staging/a"));
    Files.move(root.resolve("snapshots/b"), root.resolve("trash/b.1"));
    Files.createFile(root.resolve("staging/file"));

    try (var store = open()) {
      assertThat(store.list()).extracting(SnapshotManifest::id).containsExactly("c");
      assertThat(root.resolve("staging")).isEmptyDirectory();
      assertThat(root.resolve("trash")).isEmptyDirectory();
    }
  }

  @Test
  void open_deletedWhileLeasedBeforeCrash_isRemoved() throws Exception {
    try (var store = open()) {
      commit(store, "a", 1);
      try (var lease = store.open("a")) {
        store.delete("a");
        // What a crash at this point leaves behind.
        Files.createDirectories(root.resolveSibling("copy"));
        copyTree(root.resolve("snapshots/a"), root.resolveSibling("copy/a"));
        assertHolds(lease, 1);
      }
    }
    Files.move(root.resolveSibling("copy/a"), root.resolve("snapshots/a"));

    try (var store = open()) {
      assertThat(store.list()).isEmpty();
      assertThat(store.unusable()).isEmpty();
      assertThat(root.resolve("snapshots")).isEmptyDirectory();
      commit(store, "a", 2);
      assertHolds(store, "a", 2);
    }
  }

  @Test
  void open_foreignFiles_areLeftAlone() throws Exception {
    open().close();
    Path directory = Files.createDirectory(root.resolve("snapshots/lost+found"));
    Path file = Files.createFile(root.resolve("snapshots/readme"));
    try (var store = open()) {
      assertThat(store.list()).isEmpty();
      assertThat(store.unusable()).isEmpty();
    }
    assertThat(directory).exists();
    assertThat(file).exists();
  }

  @Test
  void open_ownedByThisProcess_isRefused() throws Exception {
    try (var store = open()) {
      Path link = Files.createSymbolicLink(root.resolveSibling("link"), root);
      assertThat(assertFails(Reason.IN_USE, this::open)).hasMessageContaining(root.toString());
      assertFails(Reason.IN_USE, () -> FilesystemSnapshotStore.open(link, new SteppingClock()));
      commit(store, "a", 1);
    }
    open().close();
  }

  @Test
  void open_ownedByAnotherProcess_isRefusedUntilItDies() throws Exception {
    var writer = SnapshotWriter.start(root, "w", 1);
    try (var output = writer.inputReader()) {
      assertThat(SnapshotWriter.next(output)).isEqualTo("opened");
      assertFails(Reason.IN_USE, this::open);
    } finally {
      writer.destroyForcibly().waitFor();
    }
    open().close();
  }

  /** A refused attempt in the owner's process must not give the owner's file lock away. */
  @Test
  void open_afterRefusedAttemptInOwner_isStillRefusedElsewhere() throws Exception {
    try (var store = open()) {
      assertFails(Reason.IN_USE, this::open);
      var writer = SnapshotWriter.start(root, "w", 1);
      try (var output = writer.inputReader()) {
        assertThat(SnapshotWriter.next(output)).isEqualTo("refused IN_USE");
      } finally {
        writer.destroyForcibly().waitFor();
      }
      assertThat(store.list()).isEmpty();
    }
  }

  @Test
  void close_leaseOrDraftOpen_keepsRootOwned() throws Exception {
    var store = open();
    commit(store, "a", 1);
    var lease = store.open("a");
    var draft = store.begin("b");
    store.close();
    assertFails(Reason.IN_USE, this::open);
    lease.close();
    assertFails(Reason.IN_USE, this::open);
    draft.close();
    open().close();
  }

  private static void copyTree(Path from, Path to) throws Exception {
    var copy = new ProcessBuilder("cp", "-a", from.toString(), to.toString()).start();
    assertThat(copy.waitFor()).isZero();
  }
}
