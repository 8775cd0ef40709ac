package dev.rekindle.store;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Keeps snapshots. A snapshot appears whole or not at all, is verified when read, and stays
 * readable for as long as a lease on it is open.
 *
 * <p>Thread-safe. Every call may block on files or the network: call it on a worker thread, never
 * on an event loop. After {@link #close()} every call throws {@link IllegalStateException}.
 */
public interface SnapshotStore extends AutoCloseable {

  /**
   * Opens a place to write a new snapshot. Nobody sees the snapshot before {@link
   * SnapshotDraft#commit}.
   *
   * @throws IllegalArgumentException when {@link SnapshotManifest#isValidId(String)} is false
   * @throws StoreException {@link StoreException.Reason#ALREADY_EXISTS} while the id is taken: by a
   *     snapshot, another draft, or a deleted snapshot that a lease still holds
   */
  SnapshotDraft begin(String id) throws StoreException;

  /** The manifest of a usable snapshot; empty when there is none by that id. */
  Optional<SnapshotManifest> find(String id);

  /**
   * The manifests of all usable snapshots, oldest first. A snapshot leaves this list once a read
   * has found it damaged; damage that nobody has read yet shows only in {@link #open(String)}.
   */
  List<SnapshotManifest> list();

  /** The snapshots that are there but cannot be used, by id. All that is left is to delete them. */
  List<UnusableSnapshot> unusable();

  /**
   * Verifies a snapshot and pins it until the lease is closed. The first open in a process reads
   * every byte, later ones only look whether a file was touched since.
   *
   * @throws StoreException {@link StoreException.Reason#NOT_FOUND}, {@link
   *     StoreException.Reason#DAMAGED} or {@link StoreException.Reason#UNSUPPORTED_FORMAT}
   */
  SnapshotLease open(String id) throws StoreException;

  /**
   * Like {@link #open(String)}, but returns while some files are still on their way to this node;
   * see {@link SnapshotLease#arriving()}. All others are there, and verified.
   *
   * @param later the names of files that may come later
   */
  default SnapshotLease openArriving(String id, Predicate<String> later) throws StoreException {
    return open(id);
  }

  /** Begins to bring a snapshot to this node, since it will be needed. Failures only show later. */
  default void prefetch(String id) {}

  /** Whether other nodes may come to have the snapshots that are kept here. */
  default boolean isShared() {
    return false;
  }

  /**
   * Removes a snapshot from this node alone: where other nodes may need it, it stays for them.
   *
   * @return false when there was nothing to remove
   */
  default boolean forget(String id) throws StoreException {
    return delete(id);
  }

  /**
   * Asks for the snapshots of an identity, whichever node made them.
   *
   * @param identity see {@link SnapshotManifest#identity()}
   * @return those that are usable, oldest first; from now on they are found and listed too
   */
  default List<SnapshotManifest> look(String identity) throws StoreException {
    return list().stream().filter(manifest -> manifest.identity().equals(identity)).toList();
  }

  /**
   * Keeps a small record with a snapshot, in place of an older one of that name. It goes where the
   * snapshot goes, and is gone when that is. It is not verified: the caller checks what it reads.
   *
   * @param name lower-case letters, digits and {@code -}
   * @throws StoreException {@link StoreException.Reason#NOT_FOUND} when there is no such snapshot
   */
  void attach(String id, String name, byte[] record) throws StoreException;

  /** A record kept with a snapshot; empty when there is none by that name, or no snapshot. */
  Optional<byte[]> attachment(String id, String name) throws StoreException;

  /** Where a snapshot's bytes are. */
  StorageState storage(String id);

  /**
   * Deletes a snapshot, usable or not. It is gone from {@link #find}, {@link #list} and {@link
   * #open} at once and stays gone across a crash; its bytes are freed, and its id may be used
   * again, when the last lease on it closes.
   *
   * @return false when there was nothing to delete
   */
  boolean delete(String id) throws StoreException;

  /**
   * Bytes this store takes on its medium, drafts and deleted but leased snapshots included. Holes
   * of sparse files do not count.
   */
  long bytesStored() throws StoreException;

  /**
   * Refuses further calls. Open leases and drafts stay good; the storage is given up when the last
   * of them closes. Closing twice is harmless.
   */
  @Override
  void close();
}
