package dev.rekindle.store.local;

import dev.rekindle.store.SnapshotLease;
import dev.rekindle.store.SnapshotManifest;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** A lease on a snapshot in a filesystem store. */
final class FilesystemLease implements SnapshotLease {
  private final FilesystemSnapshotStore store;
  private final StoredSnapshot snapshot;
  private final SnapshotManifest manifest;
  private final AtomicBoolean closed = new AtomicBoolean();

  FilesystemLease(
      FilesystemSnapshotStore store, StoredSnapshot snapshot, SnapshotManifest manifest) {
    this.store = store;
    this.snapshot = snapshot;
    this.manifest = manifest;
  }

  @Override
  public SnapshotManifest manifest() {
    return manifest;
  }

  @Override
  public Path directory() {
    return snapshot.home().files();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      store.closeLease(snapshot);
    }
  }
}
