package dev.rekindle.store.local;

import dev.rekindle.store.SnapshotDraft;
import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.io.DurableFiles;
import dev.rekindle.store.io.FileStamp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A draft in a filesystem store. Thread-safe: a close waits for a running commit. */
final class FilesystemDraft implements SnapshotDraft {
  private final FilesystemSnapshotStore store;
  private final StoredSnapshot snapshot;
  private final SnapshotHome staged;
  private boolean done;

  FilesystemDraft(FilesystemSnapshotStore store, StoredSnapshot snapshot, SnapshotHome staged) {
    this.store = store;
    this.snapshot = snapshot;
    this.staged = staged;
  }

  @Override
  public Path directory() {
    return staged.files();
  }

  @Override
  public synchronized SnapshotManifest commit(
      Map<String, String> labels, Map<String, String> requirements) throws StoreException {
    if (done) {
      throw new IllegalStateException(
          "the draft of snapshot '" + staged.id() + "' was committed or closed before");
    }
    boolean committed = false;
    try {
      var found = new SnapshotFiles(staged.id(), staged.files()).describe();
      var manifest =
          new SnapshotManifest(
              SnapshotManifest.FORMAT_VERSION,
              staged.id(),
              store.now(),
              labels,
              requirements,
              found.files());
      DurableFiles.syncTree(staged.files());
      staged.write(manifest);
      var manifestStamp = FileStamp.of(staged.manifest());
      DurableFiles.move(staged.path(), snapshot.home().path());
      committed = true;
      store.publish(snapshot, manifest, manifestStamp, found.stamps());
      return manifest;
    } catch (IOException e) {
      throw store.failure("committing snapshot '" + staged.id() + "'", e);
    } finally {
      finish(committed);
    }
  }

  @Override
  public synchronized void close() {
    if (!done) {
      finish(false);
    }
  }

  private void finish(boolean committed) {
    done = true;
    if (!committed) {
      store.abandon(snapshot, staged);
    }
  }
}
