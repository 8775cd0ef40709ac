package dev.rekindle.store;

import java.nio.file.Path;

/** A verified snapshot that cannot be deleted until this lease is closed. */
public interface SnapshotLease extends AutoCloseable {

  /** What was verified. */
  SnapshotManifest manifest();

  /** Where the files are, by their names in the manifest. To be read only. */
  Path directory();

  /** Gives the snapshot back. Closing twice is harmless. */
  @Override
  void close();
}
