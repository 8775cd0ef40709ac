package dev.rekindle.store;

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
  SnapshotStore openStore(Path workspace, InstantSource clock) throws StoreException {
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
  void damage(Path workspace, String id, String file, Damage damage) throws IOException {
    Samples.damage(workspace.resolve("store/snapshots/" + id + "/files/" + file), damage);
  }
}
