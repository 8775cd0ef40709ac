package dev.rekindle.store.tier;

import dev.rekindle.store.ArrivingFiles;
import dev.rekindle.store.SnapshotLease;
import dev.rekindle.store.SnapshotManifest;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A lease that also keeps its snapshot from being evicted. */
final class TierLease implements SnapshotLease {
  private final SnapshotLease lease;
  private final @Nullable ArrivingFiles arriving;
  private final Runnable unpin;
  private boolean over;

  TierLease(SnapshotLease lease, @Nullable ArrivingFiles arriving, Runnable unpin) {
    this.lease = lease;
    this.arriving = arriving;
    this.unpin = unpin;
  }

  @Override
  public SnapshotManifest manifest() {
    return lease.manifest();
  }

  @Override
  public Path directory() {
    return lease.directory();
  }

  @Override
  public Optional<ArrivingFiles> arriving() {
    return Optional.ofNullable(arriving);
  }

  @Override
  public synchronized void close() {
    if (!over) {
      over = true;
      lease.close();
      unpin.run();
    }
  }
}
