package dev.rekindle.store.tier;

import dev.rekindle.store.SnapshotLease;
import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreException.Reason;
import dev.rekindle.store.StoreListener;
import dev.rekindle.store.local.FilesystemSnapshotStore;
import dev.rekindle.store.local.SnapshotHome;
import dev.rekindle.store.shared.ChunkManifest;
import dev.rekindle.store.shared.SharedChunks;
import dev.rekindle.store.shared.SharedSnapshots;
import dev.rekindle.store.shared.SnapshotUpload;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Brings this node's snapshots to the shared store, and takes deleted ones out of it, in the
 * background.
 */
final class Publisher {
  private static final Logger LOG = System.getLogger(Publisher.class.getName());

  private final FilesystemSnapshotStore local;
  private final SharedSnapshots shared;
  private final SharedChunks chunks;
  private final SharedCatalog catalog;
  private final Removals removals;
  private final TierSettings settings;
  private final StoreListener listener;
  private final LongSupplier nanoTime;
  private final RandomGenerator random;
  private final LocalTier tier;
  private final Uploads uploads;

  /** Uploads that were broken off and go on, by id. Guarded by this, as is the next. */
  private final Map<String, SnapshotUpload> begun = new HashMap<>();

  private final Map<String, Long> uploadedBytes = new HashMap<>();

  Publisher(
      FilesystemSnapshotStore local,
      SharedSnapshots shared,
      SharedChunks chunks,
      SharedCatalog catalog,
      Removals removals,
      LocalTier tier,
      TierSettings settings,
      StoreListener listener,
      LongSupplier nanoTime,
      RandomGenerator random) {
    this.local = local;
    this.shared = shared;
    this.chunks = chunks;
    this.catalog = catalog;
    this.removals = removals;
    this.tier = tier;
    this.settings = settings;
    this.listener = listener;
    this.nanoTime = nanoTime;
    this.random = random;
    this.uploads = new Uploads(random);
  }

  /** Goes on with what was not done when the store was closed. */
  void resume() {
    if (settings.upload() == TierSettings.Upload.AT_ONCE) {
      local.list().stream()
          .filter(snapshot -> !isUploaded(snapshot.id()))
          .forEach(this::uploadSoon);
    }
    for (var removal : removals.pending()) {
      withdrawSoon(removal.identity(), removal.id());
    }
  }

  /** A snapshot was committed. */
  void committed(SnapshotManifest snapshot) {
    if (settings.upload() == TierSettings.Upload.AT_ONCE) {
      uploadSoon(snapshot);
    }
  }

  /** Whether the shared store has a snapshot of this node's disk. */
  boolean isUploaded(String id) {
    return local.home(id).map(SnapshotHome::isUploaded).orElse(false);
  }

  static void markUploaded(SnapshotHome home) {
    try {
      home.markUploaded();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "event=upload-not-noted snapshot={0} cause={1}", home.id(), e);
    }
  }

  private void uploadSoon(SnapshotManifest snapshot) {
    tier.pin(snapshot.id(), snapshot.bytes());
    boolean accepted =
        uploads.submit(
            "upload " + snapshot.id(),
            () -> {
              try {
                upload(snapshot);
              } catch (StoreException e) {
                delayed(snapshot, e);
                throw e;
              }
              tier.unpin(snapshot.id());
            });
    if (!accepted) {
      tier.unpin(snapshot.id());
    }
  }

  private void delayed(SnapshotManifest snapshot, StoreException why) {
    if (!catalog.isClosed()) { // else broken off, and found anew by the next start
      listener.uploadDelayed(snapshot, why);
    }
  }

  /**
   * On the upload thread. Returns without having uploaded if the snapshot is of no use any more.
   */
  private void upload(SnapshotManifest snapshot) throws StoreException {
    String id = snapshot.id();
    long started = nanoTime.getAsLong();
    try (SnapshotLease lease = local.open(id)) {
      SnapshotUpload upload;
      synchronized (this) {
        upload =
            begun.computeIfAbsent(
                id,
                unused ->
                    new SnapshotUpload(
                        shared,
                        chunks,
                        settings.grace(),
                        nanoTime,
                        random,
                        snapshot,
                        lease.directory()));
      }
      ChunkManifest manifest = upload.run();
      chunks.published(manifest);
      local.home(id).ifPresent(Publisher::markUploaded);
      synchronized (this) {
        begun.remove(id);
        uploadedBytes.put(id, upload.bytesWritten());
      }
      boolean wanted = catalog.add(manifest);
      for (String name : attachments(id)) {
        shareAttachment(snapshot, name);
      }
      if (!wanted) {
        withdrawSoon(snapshot.identity(), id);
        return;
      }
      listener.uploaded(snapshot, upload.bytesWritten(), nanoTime.getAsLong() - started);
    } catch (StoreException e) {
      if (e.reason() != Reason.DAMAGED && e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
      synchronized (this) {
        begun.remove(id);
      }
      if (e.reason() == Reason.DAMAGED) {
        local.refuse(id, e);
        listener.damaged(id, e, true);
      }
    }
  }

  private List<String> attachments(String id) throws StoreException {
    try {
      var home = local.home(id);
      return home.isEmpty() ? List.of() : home.get().attachments();
    } catch (IOException e) {
      throw local.failure("reading the records of snapshot '" + id + "'", e);
    }
  }

  private void shareAttachment(SnapshotManifest snapshot, String name) throws StoreException {
    var record = local.attachment(snapshot.id(), name);
    if (record.isPresent()) {
      shared.attach(snapshot.identity(), snapshot.id(), name, record.get());
    }
  }

  /** Shares a record that was attached to a snapshot, if that is shared itself. */
  void attached(String id, String name) {
    Optional<SnapshotManifest> there = catalog.find(id);
    if (there.isPresent() && settings.upload() == TierSettings.Upload.AT_ONCE) {
      uploads.submit("record " + name + " of " + id, () -> shareAttachment(there.get(), name));
    }
  }

  /** Takes a snapshot from the disk, once the shared store has it. */
  void evictSoon(String id) {
    uploads.submit("evict " + id, () -> evict(id));
  }

  private void evict(String id) throws StoreException {
    Optional<SnapshotManifest> snapshot = local.find(id);
    if (snapshot.isEmpty()) {
      return;
    }
    if (!isUploaded(id)) {
      try {
        upload(snapshot.get());
      } catch (StoreException e) {
        delayed(snapshot.get(), e);
        throw e;
      }
    }
    if (isUploaded(id) && local.deleteUnlessLeased(id)) {
      tier.remove(id);
      listener.evicted(snapshot.get());
    }
  }

  /**
   * Whether a snapshot of this node's disk is in the shared store, or on its way there.
   *
   * @param id its id
   */
  boolean mayBeShared(String id) {
    return isUploaded(id) || isUploading(id) || uploads.isWaiting("evict " + id);
  }

  /** Whether it waits for its upload, or is being uploaded. */
  boolean isUploading(String id) {
    return uploads.isWaiting("upload " + id);
  }

  /** What its upload wrote, in bytes; 0 if this store did not upload it. */
  synchronized long uploadedBytes(String id) {
    return uploadedBytes.getOrDefault(id, 0L);
  }

  /** Takes a snapshot out of the shared store. */
  void withdrawSoon(String identity, String id) {
    uploads.submit(
        "withdraw " + id,
        () -> {
          shared.withdraw(identity, id);
          try {
            removals.done(identity, id);
          } catch (IOException e) {
            throw local.failure("noting that snapshot '" + id + "' is removed", e);
          }
        });
  }

  /** Has something done after what waits. */
  void submit(String name, Uploads.Task task) {
    uploads.submit(name, task);
  }

  /** How many uploads, evictions and removals wait or run. */
  int waiting() {
    return uploads.waiting();
  }

  /** Begins nothing more, and waits a moment for what runs. */
  void close() {
    uploads.close();
  }
}
