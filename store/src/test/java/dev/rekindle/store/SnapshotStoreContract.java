package dev.rekindle.store;

import static dev.rekindle.store.Samples.LABELS;
import static dev.rekindle.store.Samples.PAGES;
import static dev.rekindle.store.Samples.REQUIREMENTS;
import static dev.rekindle.store.Samples.assertFails;
import static dev.rekindle.store.Samples.assertHolds;
import static dev.rekindle.store.Samples.commit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.groups.Tuple.tuple;

import dev.rekindle.store.StoreException.Reason;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every back end of {@link SnapshotStore} must do. A back end passes by having a test class
 * that extends this one. Longer than most classes, since it is the whole promise in one place.
 */
public abstract class SnapshotStoreContract {
  private final SteppingClock clock = new SteppingClock();
  private SnapshotStore store;

  private final Path workspace;

  /**
   * Opens the store under test.
   *
   * @param workspace an empty directory of this one test
   */
  public SnapshotStoreContract(Path workspace) throws StoreException {
    this.workspace = workspace;
    store = openStore(workspace, clock);
  }

  /** Opens the back end; the same workspace always means the same storage. */
  public abstract SnapshotStore openStore(Path workspace, InstantSource clock)
      throws StoreException;

  /** Damages a stored file behind the store's back. */
  public abstract void damage(Path workspace, String id, String file, Damage damage)
      throws IOException;

  private void damage(String id, String file, Damage damage) throws IOException {
    damage(workspace, id, file, damage);
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  private void reopen() throws StoreException {
    store.close();
    store = openStore(workspace, clock);
  }

  @Test
  void commit_files_areReadBackAsWritten() throws Exception {
    var manifest = commit(store, "a", 1);

    assertThat(manifest.id()).isEqualTo("a");
    assertThat(manifest.createdAt()).isEqualTo(SteppingClock.START);
    assertThat(manifest.labels()).isEqualTo(LABELS);
    assertThat(manifest.requirements()).isEqualTo(REQUIREMENTS);
    assertThat(manifest.bytes()).isEqualTo(Samples.PAGES_BYTES + "seed 1".length());
    assertHolds(store, "a", 1);
  }

  @Test
  void commit_thenReopen_isStillThere() throws Exception {
    var manifest = commit(store, "a", 1);
    reopen();

    assertThat(store.list()).containsExactly(manifest);
    assertThat(store.find("a")).contains(manifest);
    assertHolds(store, "a", 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"r--------", "rw-r--r--", "rwxrwxrwx"})
  void commit_fileMode_isKept(String permissions) throws Exception {
    try (var draft = store.begin("a")) {
      var file = Files.createFile(draft.directory().resolve("memory"));
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
      draft.commit(LABELS, REQUIREMENTS);
    }
    reopen();

    try (var lease = store.open("a")) {
      var read = Files.getPosixFilePermissions(lease.directory().resolve("memory"));
      assertThat(PosixFilePermissions.toString(read)).isEqualTo(permissions);
    }
  }

  @Test
  void commit_noFiles_isASnapshotToo() throws Exception {
    try (var draft = store.begin("a")) {
      draft.commit(LABELS, REQUIREMENTS);
    }
    try (var lease = store.open("a")) {
      assertThat(lease.manifest().files()).isEmpty();
    }
  }

  @Test
  void commit_twice_isRefused() throws Exception {
    try (var draft = store.begin("a")) {
      draft.commit(LABELS, REQUIREMENTS);
      assertThatIllegalStateException().isThrownBy(() -> draft.commit(LABELS, REQUIREMENTS));
    }
    assertThat(store.find("a")).isPresent();
  }

  @Test
  void commit_symbolicLink_isRefusedAndDiscarded() throws Exception {
    try (var draft = store.begin("a")) {
      Files.createSymbolicLink(draft.directory().resolve("parent"), draft.directory());
      var failure = assertFails(Reason.INVALID_DRAFT, () -> draft.commit(LABELS, REQUIREMENTS));
      assertThat(failure).hasMessageContaining("'a'").hasMessageContaining("'parent'");
    }
    assertThat(store.list()).isEmpty();
    commit(store, "a", 1);
  }

  @Test
  void commit_fileNameBeyondAscii_isRefused() throws Exception {
    try (var draft = store.begin("a")) {
      Files.createFile(draft.directory().resolve("a\tb"));
      assertFails(Reason.INVALID_DRAFT, () -> draft.commit(LABELS, REQUIREMENTS));
    }
  }

  @Test
  void begin_draftOpen_isInvisible() throws Exception {
    try (var draft = store.begin("a")) {
      Samples.write(draft.directory(), 1);

      assertThat(store.list()).isEmpty();
      assertThat(store.unusable()).isEmpty();
      assertThat(store.find("a")).isEmpty();
      assertThat(store.delete("a")).isFalse();
      assertFails(Reason.NOT_FOUND, () -> store.open("a"));
      assertFails(Reason.ALREADY_EXISTS, () -> store.begin("a"));
    }
  }

  @Test
  void begin_existingId_isRefused() throws Exception {
    commit(store, "a", 1);
    assertFails(Reason.ALREADY_EXISTS, () -> store.begin("a"));
    assertHolds(store, "a", 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-a", "A", "a_b", "..", "a/b", "a\n"})
  void begin_invalidId_isRefused(String id) throws Exception {
    assertThatIllegalArgumentException().isThrownBy(() -> store.begin(id));
    assertThat(store.find(id)).isEmpty();
    assertThat(store.delete(id)).isFalse();
    assertFails(Reason.NOT_FOUND, () -> store.open(id));
  }

  @Test
  void closeDraft_uncommitted_leavesNothing() throws Exception {
    long before = store.bytesStored();
    var draft = store.begin("a");
    Samples.write(draft.directory(), 1);
    draft.close();
    draft.close();

    assertThat(draft.directory()).doesNotExist();
    assertThat(store.bytesStored()).isEqualTo(before);
    assertThatIllegalStateException().isThrownBy(() -> draft.commit(LABELS, REQUIREMENTS));
    commit(store, "a", 2);
    assertHolds(store, "a", 2);
  }

  @Test
  void list_several_isOldestFirst() throws Exception {
    for (String id : new String[] {"c", "a", "b"}) {
      commit(store, id, 1);
    }
    assertThat(store.list()).extracting(SnapshotManifest::id).containsExactly("c", "a", "b");
    reopen();
    assertThat(store.list()).extracting(SnapshotManifest::id).containsExactly("c", "a", "b");
  }

  @ParameterizedTest
  @EnumSource
  void open_damagedAfterCommit_isRefusedForGood(Damage damage) throws Exception {
    commit(store, "a", 1);
    commit(store, "b", 2);
    assertHolds(store, "a", 1);
    damage("a", PAGES, damage);
    assertDamaged("a");
  }

  @ParameterizedTest
  @EnumSource
  void open_damagedWhileClosed_isRefusedForGood(Damage damage) throws Exception {
    commit(store, "a", 1);
    commit(store, "b", 2);
    store.close();
    damage("a", PAGES, damage);
    reopen();
    assertDamaged("a");
  }

  private void assertDamaged(String id) throws Exception {
    for (int attempt = 0; attempt < 2; attempt++) {
      var failure = assertFails(Reason.DAMAGED, () -> store.open(id));
      assertThat(failure)
          .hasMessageContaining("'" + id + "'")
          .hasMessageContaining(PAGES)
          .hasMessageContaining("delete the snapshot");
    }
    assertThat(store.find(id)).isEmpty();
    assertThat(store.list()).extracting(SnapshotManifest::id).containsExactly("b");
    assertThat(store.unusable())
        .extracting(UnusableSnapshot::id, UnusableSnapshot::reason)
        .containsExactly(tuple(id, Reason.DAMAGED));
    assertHolds(store, "b", 2);

    assertThat(store.delete(id)).isTrue();
    assertThat(store.unusable()).isEmpty();
    commit(store, id, 3);
    assertHolds(store, id, 3);
  }

  @Test
  void delete_unleased_freesBytesAndId() throws Exception {
    long before = store.bytesStored();
    commit(store, "a", 1);
    assertThat(store.bytesStored()).isGreaterThanOrEqualTo(before + Samples.PAGES_BYTES);

    assertThat(store.delete("a")).isTrue();
    assertThat(store.bytesStored()).isEqualTo(before);
    assertThat(store.delete("a")).isFalse();
    assertFails(Reason.NOT_FOUND, () -> store.open("a"));
    reopen();
    assertThat(store.list()).isEmpty();
    commit(store, "a", 2);
    assertHolds(store, "a", 2);
  }

  @Test
  void delete_leased_keepsFilesUntilLastLeaseCloses() throws Exception {
    long before = store.bytesStored();
    commit(store, "a", 1);
    var first = store.open("a");
    var second = store.open("a");

    assertThat(store.delete("a")).isTrue();
    assertThat(store.delete("a")).isFalse();
    assertThat(store.find("a")).isEmpty();
    assertThat(store.list()).isEmpty();
    assertFails(Reason.NOT_FOUND, () -> store.open("a"));
    assertFails(Reason.ALREADY_EXISTS, () -> store.begin("a"));

    first.close();
    first.close();
    assertHolds(second, 1);
    assertFails(Reason.ALREADY_EXISTS, () -> store.begin("a"));
    second.close();
    assertThat(store.bytesStored()).isEqualTo(before);
    commit(store, "a", 2);
    assertHolds(store, "a", 2);
  }

  @Test
  void delete_damagedWhileLeased_isFreedByLease() throws Exception {
    long before = store.bytesStored();
    commit(store, "a", 1);
    try (var lease = store.open("a")) {
      damage("a", PAGES, Damage.REMOVED);
      assertFails(Reason.DAMAGED, () -> store.open("a"));
      assertThat(store.delete("a")).isTrue();
      assertThat(lease.directory()).exists();
    }
    assertThat(store.bytesStored()).isEqualTo(before);
  }

  @Test
  void bytesStored_sparseFile_doesNotCountHoles() throws Exception {
    try (var draft = store.begin("a")) {
      try (var file = new RandomAccessFile(draft.directory().resolve("memory").toFile(), "rw")) {
        file.setLength(16 << 20);
      }
      assertThat(draft.commit(LABELS, REQUIREMENTS).bytes()).isEqualTo(16 << 20);
    }
    assertThat(store.bytesStored()).isLessThan(1 << 20);
    reopen();
    store.open("a").close();
  }

  @Test
  void close_leaseOpen_keepsLeaseAndRefusesCalls() throws Exception {
    commit(store, "a", 1);
    try (var lease = store.open("a")) {
      store.close();
      store.close();
      assertThatIllegalStateException().isThrownBy(() -> store.list());
      assertThatIllegalStateException().isThrownBy(() -> store.find("a"));
      assertThatIllegalStateException().isThrownBy(() -> store.open("a"));
      assertThatIllegalStateException().isThrownBy(() -> store.begin("b"));
      assertThatIllegalStateException().isThrownBy(() -> store.delete("a"));
      assertThatIllegalStateException().isThrownBy(() -> store.bytesStored());
      assertHolds(lease, 1);
    }
    reopen();
    assertHolds(store, "a", 1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void randomCalls_anySeed_behaveLikeAMap(long seed) throws Exception {
    try (var random = new RandomCalls(seed, store, () -> openStore(workspace, clock))) {
      random.run(400);
      store = random.store();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12})
  void concurrentCalls_anySeed_leasesStayWhole(long seed) throws Exception {
    var calls = new ConcurrentCalls(store, seed);
    calls.run(4, 150);
    assertThat(calls.leases()).as("leases that were checked").isGreaterThan(20);
    for (var manifest : store.list()) {
      assertHolds(store, manifest.id(), ConcurrentCalls.seedOf(manifest));
    }
    assertThat(store.unusable()).isEmpty();
  }
}
