package dev.rekindle.store;

/** Told of what a store does by itself. Called on the store's threads; must not block. */
public interface StoreListener {
  /**
   * The shared store has a snapshot now.
   *
   * @param newBytes what had to be added for it
   * @param nanos how long that took
   */
  default void uploaded(SnapshotManifest snapshot, long newBytes, long nanos) {}

  /** A snapshot waits on this node for its upload, which is tried again. */
  default void uploadDelayed(SnapshotManifest snapshot, StoreException why) {}

  /** All files of a snapshot have come to this node. */
  default void arrived(SnapshotManifest snapshot, long bytesFetched) {}

  /** A snapshot's files were removed from this node; the shared store has it. */
  default void evicted(SnapshotManifest snapshot) {}

  /**
   * A snapshot was found damaged. Whoever was about to open it is told by an exception as well.
   *
   * @param lost whether it is out of use now; otherwise another tier has it
   */
  default void damaged(String id, StoreException why, boolean lost) {}
}
