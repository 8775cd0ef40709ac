package dev.rekindle.store;

import java.nio.file.Path;
import java.util.Optional;

/** A verified snapshot that cannot be deleted until this lease is closed. */
public interface SnapshotLease extends AutoCloseable {

  /** What was verified. */
  SnapshotManifest manifest();

  /** Where the files are, by their names in the manifest. To be read only. */
  Path directory();

  /** How to wait for its files where {@link SnapshotStore#openArriving} did not; else empty. */
  default Optional<ArrivingFiles> arriving() {
    return Optional.empty();
  }

  /** Gives the snapshot back. Closing twice is harmless. */
  @Override
  void close();
}
