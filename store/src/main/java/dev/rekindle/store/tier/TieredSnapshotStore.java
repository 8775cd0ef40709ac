package dev.rekindle.store.tier;

import dev.rekindle.store.SnapshotDraft;
import dev.rekindle.store.SnapshotLease;
import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.SnapshotStore;
import dev.rekindle.store.StorageFailure;
import dev.rekindle.store.StorageState;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreException.Reason;
import dev.rekindle.store.StoreListener;
import dev.rekindle.store.UnusableSnapshot;
import dev.rekindle.store.blob.BlobStore;
import dev.rekindle.store.local.FilesystemSnapshotStore;
import dev.rekindle.store.shared.ChunkReader;
import dev.rekindle.store.shared.GarbageCollection;
import dev.rekindle.store.shared.Retention;
import dev.rekindle.store.shared.SharedChunks;
import dev.rekindle.store.shared.SharedSnapshots;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * A node's own snapshots on its disk, in front of a blob store that nodes share. A snapshot is
 * committed to the disk, and brought to the blob store afterwards ({@link Publisher}); one that is
 * only in the blob store ({@link SharedCatalog}) comes to the disk when it is opened ({@link
 * Arrivals}); {@link LocalTier} decides which stay there.
 */
public final class TieredSnapshotStore implements SnapshotStore {
  private static final Logger LOG = System.getLogger(TieredSnapshotStore.class.getName());

  private final FilesystemSnapshotStore local;
  private final SharedSnapshots shared;
  private final SharedChunks chunks;
  private final Removals removals;
  private final TierSettings settings;
  private final StoreListener listener;
  private final String nodeName;
  private final Transfers transfers = new Transfers();
  private final SharedCatalog catalog;
  private final LocalTier tier;
  private final ChunkReader reader;
  private final Publisher publisher;
  private final Arrivals arrivals;

  private TieredSnapshotStore(
      FilesystemSnapshotStore local,
      BlobStore blobs,
      Removals removals,
      TierSettings settings,
      StoreListener listener,
      LongSupplier nanoTime,
      RandomGenerator random) {
    this.local = local;
    this.shared = new SharedSnapshots(blobs);
    this.chunks = new SharedChunks(shared);
    this.removals = removals;
    this.settings = settings;
    this.listener = listener;
    this.nodeName = Long.toHexString(random.nextLong());
    this.catalog = new SharedCatalog(shared, chunks, removals, listener);
    this.tier = new LocalTier(settings.localBytes(), this::evictSoon);
    this.reader = new ChunkReader(blobs, new LocalSpares(local, chunks, catalog::find));
    this.publisher =
        new Publisher(
            local, shared, chunks, catalog, removals, tier, settings, listener, nanoTime, random);
    this.arrivals = new Arrivals(local, catalog, chunks, reader, tier, listener, transfers);
  }

  private void evictSoon(String id) {
    publisher.evictSoon(id);
  }

  /**
   * Opens a store. What a crash left half done is removed, what was not uploaded is.
   *
   * @param directory the node's own directory, as for {@link FilesystemSnapshotStore#open}
   * @param blobs what nodes share; stays the caller's, who closes it after this store
   * @param listener told of what the store does by itself
   * @param clock tells when a snapshot was committed
   * @param nanoTime a monotonic clock, as {@link System#nanoTime()}
   * @param random names packs, and spreads retries
   * @throws StoreException as {@link FilesystemSnapshotStore#open}; a blob store that does not
   *     answer is no reason not to open
   */
  public static TieredSnapshotStore open(
      Path directory,
      BlobStore blobs,
      TierSettings settings,
      StoreListener listener,
      InstantSource clock,
      LongSupplier nanoTime,
      RandomGenerator random)
      throws StoreException {
    var local = FilesystemSnapshotStore.open(directory, clock);
    try {
      var store =
          new TieredSnapshotStore(
              local,
              blobs,
              new Removals(directory.resolve("removals")),
              settings,
              listener,
              nanoTime,
              random);
      store.resume();
      return store;
    } catch (IOException e) {
      local.close();
      throw StorageFailure.of("opening the snapshot store", directory, e);
    }
  }

  private void resume() {
    for (var snapshot : local.list()) {
      tier.add(snapshot.id(), snapshot.bytes());
    }
    publisher.resume();
    verifyInTurn(local.list());
  }

  /** So that the first restore need not wait for it. One after the other, the newest first. */
  private void verifyInTurn(List<SnapshotManifest> oldestFirst) {
    for (int i = oldestFirst.size() - 1; i >= 0; i--) {
      String id = oldestFirst.get(i).id();
      transfers.rest(
          () -> {
            try (var lease = local.open(id)) {
              LOG.log(Level.DEBUG, "event=snapshot-verified snapshot={0}", lease.manifest().id());
            } catch (StoreException e) {
              if (e.reason() == Reason.DAMAGED) {
                listener.damaged(id, e, catalog.find(id).isEmpty());
              }
            } catch (IllegalStateException e) {
              // The store was closed meanwhile.
            }
          });
    }
  }

  @Override
  public SnapshotDraft begin(String id) throws StoreException {
    catalog.requireOpen();
    if (catalog.contains(id)) {
      throw new StoreException(
          Reason.ALREADY_EXISTS,
          "snapshot '" + id + "' exists in the shared store: delete it or choose another id");
    }
    SnapshotDraft draft = local.begin(id);
    return new SnapshotDraft() {
      @Override
      public Path directory() {
        return draft.directory();
      }

      @Override
      public SnapshotManifest commit(Map<String, String> labels, Map<String, String> requirements)
          throws StoreException {
        SnapshotManifest committed = draft.commit(labels, requirements);
        tier.add(id, committed.bytes());
        publisher.committed(committed);
        return committed;
      }

      @Override
      public void close() {
        draft.close();
      }
    };
  }

  @Override
  public Optional<SnapshotManifest> find(String id) {
    return local.find(id).or(() -> catalog.find(id));
  }

  @Override
  public List<SnapshotManifest> list() {
    catalog.requireOpen();
    Map<String, SnapshotManifest> all = new HashMap<>();
    catalog.list().forEach(manifest -> all.put(manifest.id(), manifest));
    local.list().forEach(manifest -> all.put(manifest.id(), manifest));
    return all.values().stream()
        .sorted(
            Comparator.comparing(SnapshotManifest::createdAt).thenComparing(SnapshotManifest::id))
        .toList();
  }

  @Override
  public List<UnusableSnapshot> unusable() {
    List<UnusableSnapshot> all = new ArrayList<>(local.unusable());
    all.addAll(catalog.unusable());
    return all;
  }

  @Override
  public List<SnapshotManifest> look(String identity) throws StoreException {
    catalog.requireOpen();
    catalog.look(identity);
    return list().stream().filter(manifest -> manifest.identity().equals(identity)).toList();
  }

  @Override
  public SnapshotLease open(String id) throws StoreException {
    return arrivals.open(id, name -> true);
  }

  @Override
  public SnapshotLease openArriving(String id, Predicate<String> later) throws StoreException {
    return arrivals.open(id, later.negate());
  }

  @Override
  public void prefetch(String id) {
    arrivals.prefetch(id);
  }

  @Override
  public void attach(String id, String name, byte[] record) throws StoreException {
    local.attach(id, name, record);
    publisher.attached(id, name);
  }

  @Override
  public Optional<byte[]> attachment(String id, String name) throws StoreException {
    Optional<byte[]> here = local.attachment(id, name);
    Optional<SnapshotManifest> there = catalog.find(id);
    if (here.isPresent() || there.isEmpty()) {
      return here;
    }
    Optional<byte[]> found = shared.attachment(there.get().identity(), id, name);
    if (found.isPresent() && local.home(id).isPresent()) {
      local.attach(id, name, found.get());
    }
    return found;
  }

  @Override
  public StorageState storage(String id) {
    boolean here = local.find(id).isPresent();
    boolean waiting = publisher.isUploading(id);
    boolean there = catalog.find(id).isPresent();
    return new StorageState(
        here,
        there,
        waiting && !there,
        there ? catalog.storedBytes(id) : 0,
        publisher.uploadedBytes(id));
  }

  @Override
  public boolean isShared() {
    return settings.upload() == TierSettings.Upload.AT_ONCE;
  }

  @Override
  public boolean forget(String id) throws StoreException {
    if (!isShared() || !publisher.isUploaded(id)) {
      return delete(id);
    }
    boolean forgotten = local.delete(id);
    tier.remove(id);
    return forgotten;
  }

  @Override
  public boolean delete(String id) throws StoreException {
    catalog.requireOpen();
    Optional<SnapshotManifest> there = catalog.snapshot(id);
    Optional<SnapshotManifest> mayBeThere =
        there.isPresent() || !publisher.mayBeShared(id) ? there : local.find(id);
    // Noted before the catalogue forgets it, so that an upload or a look does not bring it back.
    mayBeThere.ifPresent(this::noteRemoval);
    boolean known = catalog.remove(id);
    mayBeThere.ifPresent(
        snapshot -> {
          chunks.forget(snapshot.identity(), id);
          publisher.withdrawSoon(snapshot.identity(), id);
        });
    arrivals.giveUp(id);
    boolean deleted = local.delete(id);
    tier.remove(id);
    return deleted || known;
  }

  private void noteRemoval(SnapshotManifest snapshot) {
    try {
      removals.add(snapshot.identity(), snapshot.id());
    } catch (IOException e) {
      // Deleted all the same; only a crash before the shared store answers would bring it back.
      LOG.log(Level.WARNING, "event=deletion-not-durable snapshot={0} cause={1}", snapshot.id(), e);
    }
  }

  @Override
  public long bytesStored() throws StoreException {
    return local.bytesStored();
  }

  /** Bytes that the snapshots on this node's disk count for against its budget. */
  public long localBytes() {
    return tier.bytes();
  }

  /**
   * Frees what no snapshot of the shared store needs, after uploads of this node that wait.
   *
   * @param done told what came of it, on a thread that may block
   */
  public void collect(Retention retention, Consumer<GarbageCollection.Report> done) {
    publisher.submit(
        "collection",
        () ->
            done.accept(
                new GarbageCollection(shared.blobs(), nodeName, settings.grace())
                    .run(retention, false)));
  }

  /** Bytes read from the shared store since this one was opened. */
  public long bytesFetched() {
    return reader.bytesRead();
  }

  /** How many uploads, evictions and removals wait or run. */
  public int tasksWaiting() {
    return publisher.waiting();
  }

  @Override
  public void close() {
    if (!catalog.close()) {
      return;
    }
    Runnable abandon = arrivals.close();
    publisher.close();
    transfers.close();
    abandon.run(); // the next open discards what was on its way; its pins end here
    local.close();
  }
}
