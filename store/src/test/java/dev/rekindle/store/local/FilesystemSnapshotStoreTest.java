package dev.rekindle.store.local;

import dev.rekindle.store.Damage;
import dev.rekindle.store.Samples;
import dev.rekindle.store.SnapshotStore;
import dev.rekindle.store.SnapshotStoreContract;
import dev.rekindle.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.io.TempDir;

/** The filesystem back end keeps the contract. */
class FilesystemSnapshotStoreTest extends SnapshotStoreContract {

  FilesystemSnapshotStoreTest(@TempDir Path workspace) throws StoreException {
    super(workspace);
  }

  @Override
  public SnapshotStore openStore(Path workspace, InstantSource clock) throws StoreException {
    return FilesystemSnapshotStore.open(workspace.resolve("store"), clock);
  }

  @Override
  public void damage(Path workspace, String id, String file, Damage damage) throws IOException {
    Samples.damage(workspace.resolve("store/snapshots/" + id + "/files/" + file), damage);
  }
}
