package dev.rekindle.store;

import java.nio.file.Path;
import java.util.Map;

/** A snapshot being written: invisible until it is committed, gone if it never is. */
public interface SnapshotDraft extends AutoCloseable {

  /** Where to write the snapshot's files. Regular files and sub-directories only. */
  Path directory();

  /**
   * Takes a digest of every file, makes all of it durable and publishes it in one step. All writers
   * must have finished. Afterwards {@link #directory()} is gone. A commit that fails discards the
   * draft.
   *
   * @param labels see {@link SnapshotManifest#labels()}
   * @param requirements see {@link SnapshotManifest#requirements()}
   * @throws StoreException {@link StoreException.Reason#INVALID_DRAFT} when a file is not a regular
   *     file, has an unusable name or is still being written; {@link
   *     StoreException.Reason#NO_SPACE} and the like when storing fails
   * @throws IllegalStateException when the draft was committed or closed before
   */
  SnapshotManifest commit(Map<String, String> labels, Map<String, String> requirements)
      throws StoreException;

  /** Discards the draft unless it was committed. Closing twice is harmless. */
  @Override
  void close();
}
