package dev.rekindle.store.tier;

import dev.rekindle.store.Damage;
import dev.rekindle.store.Samples;
import dev.rekindle.store.SnapshotStore;
import dev.rekindle.store.SnapshotStoreContract;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreListener;
import dev.rekindle.store.blob.BlobException;
import dev.rekindle.store.blob.FilesystemBlobs;
import dev.rekindle.store.shared.BlobFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;

/** A tiered store whose blob store is on the same disk keeps the contract. */
class TieredSnapshotStoreTest extends SnapshotStoreContract {

  TieredSnapshotStoreTest(@TempDir Path workspace) throws StoreException {
    super(workspace);
  }

  @Override
  public SnapshotStore openStore(Path workspace, InstantSource clock) throws StoreException {
    try {
      return TieredSnapshotStore.open(
          workspace.resolve("store"),
          FilesystemBlobs.open(workspace.resolve("blobs")),
          new TierSettings(
              TierSettings.Upload.ON_EVICTION,
              TierSettings.DEFAULT_LOCAL_BYTES,
              TierSettings.DEFAULT_GRACE),
          new StoreListener() {},
          clock,
          System::nanoTime,
          new Random(1));
    } catch (BlobException e) {
      throw BlobFailure.of("opening", e);
    }
  }

  @Override
  public void damage(Path workspace, String id, String file, Damage damage) throws IOException {
    Samples.damage(workspace.resolve("store/snapshots/" + id + "/files/" + file), damage);
  }
}
