package dev.rekindle.store.tier;

import dev.rekindle.store.SnapshotLease;
import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.StorageFailure;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreException.Reason;
import dev.rekindle.store.StoreListener;
import dev.rekindle.store.StoredFile;
import dev.rekindle.store.local.FilesystemSnapshotStore;
import dev.rekindle.store.local.SnapshotHome;
import dev.rekindle.store.shared.ChunkManifest;
import dev.rekindle.store.shared.ChunkReader;
import dev.rekindle.store.shared.SharedChunks;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;

/**
 * Opens snapshots on this node: those on its disk, and those that come from the shared store, one
 * arrival for each however many ask for it.
 */
final class Arrivals {
  private static final Logger LOG = System.getLogger(Arrivals.class.getName());

  private final FilesystemSnapshotStore local;
  private final SharedCatalog catalog;
  private final SharedChunks chunks;
  private final ChunkReader reader;
  private final LocalTier tier;
  private final StoreListener listener;
  private final Transfers transfers;

  /**
   * By id. Guarded by the catalogue's monitor: a snapshot that is deleted between a look into the
   * catalogue and the start of its arrival would come to this node for good.
   */
  private final Map<String, CompletableFuture<Incoming>> incoming = new HashMap<>();

  Arrivals(
      FilesystemSnapshotStore local,
      SharedCatalog catalog,
      SharedChunks chunks,
      ChunkReader reader,
      LocalTier tier,
      StoreListener listener,
      Transfers transfers) {
    this.local = local;
    this.catalog = catalog;
    this.chunks = chunks;
    this.reader = reader;
    this.tier = tier;
    this.listener = listener;
    this.transfers = transfers;
  }

  /** A lease on a snapshot as soon as the named files of it are here. */
  SnapshotLease open(String id, Predicate<String> first) throws StoreException {
    Optional<SnapshotLease> here = openLocal(id);
    return here.isPresent() ? here.get() : arriving(id, first);
  }

  /** A lease on a snapshot that comes from the shared store, once the named files are there. */
  private SnapshotLease arriving(String id, Predicate<String> first) throws StoreException {
    Incoming coming = incoming(id);
    SnapshotLease files;
    try {
      files = local.leaseArriving(id);
    } catch (StoreException e) {
      // It became whole just now, or was given up.
      await(coming.whole());
      return openLocal(id).orElseThrow(() -> SharedCatalog.notFound(id));
    }
    tier.pin(id, files.manifest().bytes());
    boolean opened = false;
    try {
      boolean all = files.manifest().files().stream().map(StoredFile::name).allMatch(first);
      await(coming.arrival().fetchFiles(first));
      if (all) {
        await(coming.whole());
      }
      opened = true;
      return new TierLease(files, all ? null : coming.arrival(), () -> tier.unpin(id));
    } finally {
      if (!opened) {
        files.close();
        tier.unpin(id);
        if (coming.arrival().isClosed()) {
          settle(coming.whole()); // so that whoever asks again finds how it ended
        }
      }
    }
  }

  private static void settle(CompletableFuture<Void> whole) {
    try {
      await(whole);
    } catch (StoreException e) {
      // Known to the caller already.
    }
  }

  /** A lease on the local files; empty when there are none, or none that are sound. */
  private Optional<SnapshotLease> openLocal(String id) throws StoreException {
    try {
      SnapshotLease lease = local.open(id);
      tier.pin(id, lease.manifest().bytes());
      return Optional.of(new TierLease(lease, null, () -> tier.unpin(id)));
    } catch (StoreException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      boolean elsewhere = e.reason() == Reason.DAMAGED && catalog.find(id).isPresent();
      if (!elsewhere) {
        throw e;
      }
      listener.damaged(id, e, false);
      local.delete(id);
      tier.remove(id);
      return Optional.empty();
    }
  }

  /** Fetches a whole snapshot ahead of need, unless it is here; what fails is logged. */
  void prefetch(String id) {
    transfers.demand(
        () -> {
          try {
            if (local.find(id).isEmpty()) {
              incoming(id).arrival().fetchRest();
            }
          } catch (StoreException | IllegalStateException e) {
            LOG.log(Level.WARNING, "event=prefetch-failed snapshot={0} cause=\"{1}\"", id, e);
          }
        });
  }

  /** The snapshot's way to this node, begun if need be. */
  private Incoming incoming(String id) throws StoreException {
    CompletableFuture<Incoming> coming;
    SnapshotManifest snapshot;
    boolean mine;
    synchronized (catalog) {
      snapshot = catalog.require(id);
      mine = !incoming.containsKey(id);
      coming = incoming.computeIfAbsent(id, unused -> new CompletableFuture<>());
    }
    if (mine) {
      begin(snapshot, coming);
    }
    return await(coming);
  }

  private void begin(SnapshotManifest snapshot, CompletableFuture<Incoming> promise) {
    String id = snapshot.id();
    try {
      ChunkManifest manifest = chunks.manifest(snapshot.identity(), id);
      tier.pin(id, snapshot.bytes());
      try {
        SnapshotHome home = place(snapshot);
        var whole = new CompletableFuture<Void>();
        var arrival =
            new Arrival(manifest, home.files(), reader, transfers, new Ending(id, whole, promise));
        arrival.createFiles();
        promise.complete(new Incoming(arrival, whole));
      } catch (IOException e) {
        local.abandonArrival(id);
        throw StorageFailure.of("fetching snapshot '" + id + "'", Path.of("."), e);
      } finally {
        if (!promise.isDone()) {
          tier.unpin(id);
          tier.remove(id);
        }
      }
    } catch (StoreException e) {
      forget(id, promise);
      if (e.reason() == Reason.DAMAGED || e.reason() == Reason.UNSUPPORTED_FORMAT) {
        catalog.refuse(id, e);
      } else if (e.reason() == Reason.NOT_FOUND) {
        catalog.remove(id);
      }
      promise.completeExceptionally(e);
    } catch (RuntimeException e) {
      forget(id, promise);
      promise.completeExceptionally(e);
    }
  }

  private SnapshotHome place(SnapshotManifest snapshot) throws StoreException {
    try {
      return local.beginArrival(snapshot);
    } catch (StoreException e) {
      if (e.reason() != Reason.ALREADY_EXISTS) {
        throw e;
      }
      throw new StoreException(
          Reason.UNAVAILABLE,
          "snapshot '" + snapshot.id() + "' cannot be fetched yet: " + e.getMessage(),
          e);
    }
  }

  private void forget(String id, CompletableFuture<Incoming> promise) {
    synchronized (catalog) {
      incoming.remove(id, promise);
    }
  }

  /** What becomes of a snapshot that was on its way. */
  private final class Ending implements Arrival.Outcome {
    private final String id;
    private final CompletableFuture<Void> whole;
    private final CompletableFuture<Incoming> promise;

    Ending(String id, CompletableFuture<Void> whole, CompletableFuture<Incoming> promise) {
      this.id = id;
      this.whole = whole;
      this.promise = promise;
    }

    @Override
    public void complete() {
      try {
        Incoming coming = promise.join();
        local.arrived(id);
        local.home(id).ifPresent(Publisher::markUploaded);
        forget(id, promise);
        tier.unpin(id);
        listener.arrived(coming.arrival().manifest().snapshot(), coming.arrival().bytesFetched());
        whole.complete(null);
      } catch (StoreException | RuntimeException e) {
        failed(
            e instanceof StoreException known
                ? known
                : new StoreException(Reason.IO_FAILED, "keeping snapshot '" + id + "': " + e, e));
      }
    }

    @Override
    public void failed(StoreException why) {
      local.abandonArrival(id);
      forget(id, promise);
      tier.unpin(id);
      tier.remove(id);
      if (why.reason() == Reason.DAMAGED) {
        catalog.refuse(id, why);
      }
      whole.completeExceptionally(why);
    }
  }

  /** Ends the arrival of a snapshot that was deleted, once the catalogue has it no more. */
  void giveUp(String id) {
    CompletableFuture<Incoming> coming;
    synchronized (catalog) {
      coming = incoming.get(id);
    }
    if (coming != null) {
      coming.thenAccept(
          one ->
              one.arrival()
                  .giveUp(new StoreException(Reason.NOT_FOUND, "the snapshot was deleted")));
    }
  }

  /** Ends all arrivals, when the catalogue is closed; the returned step forgets what had come. */
  Runnable close() {
    List<CompletableFuture<Incoming>> coming;
    synchronized (catalog) {
      coming = List.copyOf(incoming.values());
    }
    coming.forEach(each -> each.thenAccept(one -> one.arrival().close()));
    return () -> coming.forEach(each -> each.thenAccept(this::abandon));
  }

  private void abandon(Incoming coming) {
    local.abandonArrival(coming.arrival().manifest().snapshot().id());
  }

  private static <T> T await(CompletableFuture<T> future) throws StoreException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StoreException known) {
        throw new StoreException(known.reason(), String.valueOf(known.getMessage()), known);
      }
      throw new StoreException(Reason.IO_FAILED, "defect: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(Reason.UNAVAILABLE, "interrupted while a snapshot was fetched", e);
    }
  }
}
