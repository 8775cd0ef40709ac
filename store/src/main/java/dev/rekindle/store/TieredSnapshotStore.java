package dev.rekindle.store;

import dev.rekindle.store.StoreException.Reason;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A node's own snapshots on its disk, in front of a blob store that nodes share. A snapshot is
 * committed to the disk, and brought to the blob store afterwards; one that is only in the blob
 * store comes to the disk when it is opened.
 *
 * <p>Longer than most classes here, since it is the one place that knows both sides.
 */
public final class TieredSnapshotStore implements SnapshotStore {
  private static final Logger LOG = System.getLogger(TieredSnapshotStore.class.getName());

  private final FilesystemSnapshotStore local;
  private final SharedSnapshots shared;
  private final SharedChunks chunks;
  private final Removals removals;
  private final TierSettings settings;
  private final StoreListener listener;
  private final LongSupplier nanoTime;
  private final RandomGenerator random;
  private final String nodeName;
  private final Transfers transfers = new Transfers();
  private final Uploads uploads;
  private final LocalTier tier;
  private final ChunkReader reader;

  /** Snapshots that the shared store is known to have, by id. Guarded by this, as is all below. */
  private final Map<String, SnapshotManifest> remote = new TreeMap<>();

  /** Snapshots of the shared store that were found damaged. */
  private final Map<String, StoreException> refused = new TreeMap<>();

  private final Map<String, CompletableFuture<Incoming>> incoming = new HashMap<>();
  private final Map<String, SnapshotUpload> begun = new HashMap<>();
  private final Map<String, Long> uploadedBytes = new HashMap<>();
  private final Map<String, Long> sharedBytes = new HashMap<>();
  private boolean closed;

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
    this.nanoTime = nanoTime;
    this.random = random;
    this.uploads = new Uploads(random);
    this.nodeName = Long.toHexString(random.nextLong());
    this.tier = new LocalTier(settings.localBytes(), this::evictLater);
    this.reader = new ChunkReader(blobs, new LocalSpares(local, chunks, this::remoteKnown));
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
      if (settings.upload() == TierSettings.Upload.AT_ONCE && !isUploaded(snapshot.id())) {
        uploadSoon(snapshot);
      }
    }
    verifyInTurn(local.list());
    for (var removal : removals.pending()) {
      withdrawSoon(removal.identity(), removal.id());
    }
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
                listener.damaged(id, e, remoteKnown(id).isEmpty());
              }
            } catch (IllegalStateException e) {
              // The store was closed meanwhile.
            }
          });
    }
  }

  private boolean isUploaded(String id) {
    return local.home(id).map(SnapshotHome::isUploaded).orElse(false);
  }

  @Override
  public SnapshotDraft begin(String id) throws StoreException {
    synchronized (this) {
      requireOpen();
      if (remote.containsKey(id)) {
        throw new StoreException(
            Reason.ALREADY_EXISTS,
            "snapshot '" + id + "' exists in the shared store: delete it or choose another id");
      }
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
        if (settings.upload() == TierSettings.Upload.AT_ONCE) {
          uploadSoon(committed);
        }
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
    Optional<SnapshotManifest> here = local.find(id);
    if (here.isPresent()) {
      return here;
    }
    return remoteKnown(id);
  }

  private synchronized Optional<SnapshotManifest> remoteKnown(String id) {
    return refused.containsKey(id) ? Optional.empty() : Optional.ofNullable(remote.get(id));
  }

  @Override
  public List<SnapshotManifest> list() {
    Map<String, SnapshotManifest> all = new HashMap<>();
    synchronized (this) {
      requireOpen();
      all.putAll(remote);
      all.keySet().removeAll(refused.keySet());
    }
    local.list().forEach(manifest -> all.put(manifest.id(), manifest));
    return all.values().stream()
        .sorted(
            Comparator.comparing(SnapshotManifest::createdAt).thenComparing(SnapshotManifest::id))
        .toList();
  }

  @Override
  public List<UnusableSnapshot> unusable() {
    List<UnusableSnapshot> all = new ArrayList<>(local.unusable());
    synchronized (this) {
      refused.forEach(
          (id, why) ->
              all.add(new UnusableSnapshot(id, why.reason(), String.valueOf(why.getMessage()))));
    }
    return all;
  }

  @Override
  public List<SnapshotManifest> look(String identity) throws StoreException {
    synchronized (this) {
      requireOpen();
    }
    Set<String> there = new HashSet<>();
    for (var entry : shared.list(identity)) {
      there.add(entry.id());
      boolean known;
      synchronized (this) {
        known = remote.containsKey(entry.id()) || refused.containsKey(entry.id());
      }
      if (!known && !removals.contains(entry.id())) {
        learn(entry);
      }
    }
    synchronized (this) {
      remote.values().removeIf(m -> m.identity().equals(identity) && !there.contains(m.id()));
    }
    return list().stream().filter(manifest -> manifest.identity().equals(identity)).toList();
  }

  private void learn(SharedSnapshots.Entry entry) throws StoreException {
    try {
      ChunkManifest manifest = chunks.manifest(entry.identity(), entry.id());
      synchronized (this) {
        remote.put(entry.id(), manifest.snapshot());
        sharedBytes.put(entry.id(), manifest.storedBytes());
      }
    } catch (StoreException e) {
      if (e.reason() == Reason.UNAVAILABLE) {
        throw e;
      }
      if (e.reason() != Reason.NOT_FOUND) {
        synchronized (this) {
          refused.put(entry.id(), e);
        }
        listener.damaged(entry.id(), e, true);
      }
    }
  }

  @Override
  public SnapshotLease open(String id) throws StoreException {
    Optional<SnapshotLease> here = openLocal(id);
    if (here.isPresent()) {
      return here.get();
    }
    return arriving(id, name -> true);
  }

  @Override
  public SnapshotLease openArriving(String id, Predicate<String> later) throws StoreException {
    Optional<SnapshotLease> here = openLocal(id);
    return here.isPresent() ? here.get() : arriving(id, later.negate());
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
      return openLocal(id).orElseThrow(() -> notFound(id));
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
      boolean elsewhere = e.reason() == Reason.DAMAGED && remoteKnown(id).isPresent();
      if (!elsewhere) {
        throw e;
      }
      listener.damaged(id, e, false);
      local.delete(id);
      tier.remove(id);
      return Optional.empty();
    }
  }

  @Override
  public void prefetch(String id) {
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
    CompletableFuture<Incoming> mine = null;
    CompletableFuture<Incoming> coming;
    SnapshotManifest snapshot;
    synchronized (this) {
      requireOpen();
      StoreException problem = refused.get(id);
      if (problem != null) {
        throw new StoreException(problem.reason(), String.valueOf(problem.getMessage()), problem);
      }
      snapshot = remote.get(id);
      if (snapshot == null) {
        throw notFound(id);
      }
      coming = incoming.get(id);
      if (coming == null) {
        mine = new CompletableFuture<>();
        coming = mine;
        incoming.put(id, mine);
      }
    }
    if (mine != null) {
      begin(snapshot, mine);
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
        refuse(id, e);
      } else if (e.reason() == Reason.NOT_FOUND) {
        synchronized (this) {
          remote.remove(id);
        }
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

  private synchronized void forget(String id, CompletableFuture<Incoming> promise) {
    incoming.remove(id, promise);
  }

  private void refuse(String id, StoreException why) {
    synchronized (this) {
      refused.put(id, why);
    }
    listener.damaged(id, why, true);
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
        local.home(id).ifPresent(TieredSnapshotStore::markUploaded);
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
        refuse(id, why);
      }
      whole.completeExceptionally(why);
    }
  }

  private static void markUploaded(SnapshotHome home) {
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
    synchronized (this) {
      if (closed) {
        return; // broken off by the end of the service, and found anew by the next
      }
    }
    listener.uploadDelayed(snapshot, why);
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
      local.home(id).ifPresent(TieredSnapshotStore::markUploaded);
      synchronized (this) {
        begun.remove(id);
        remote.put(id, snapshot);
        uploadedBytes.put(id, upload.bytesWritten());
        sharedBytes.put(id, manifest.storedBytes());
      }
      for (String name : attachments(id)) {
        shareAttachment(snapshot, name);
      }
      if (removals.contains(id)) {
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

  @Override
  public void attach(String id, String name, byte[] record) throws StoreException {
    local.attach(id, name, record);
    Optional<SnapshotManifest> there = remoteKnown(id);
    if (there.isPresent() && settings.upload() == TierSettings.Upload.AT_ONCE) {
      uploads.submit("record " + name + " of " + id, () -> shareAttachment(there.get(), name));
    }
  }

  @Override
  public Optional<byte[]> attachment(String id, String name) throws StoreException {
    Optional<byte[]> here = local.attachment(id, name);
    Optional<SnapshotManifest> there = remoteKnown(id);
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
    boolean waiting = uploads.isWaiting("upload " + id);
    synchronized (this) {
      boolean there = remote.containsKey(id) && !refused.containsKey(id);
      return new StorageState(
          here,
          there,
          waiting,
          there ? sharedBytes.getOrDefault(id, 0L) : 0,
          uploadedBytes.getOrDefault(id, 0L));
    }
  }

  private void evictLater(String id) {
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

  @Override
  public boolean isShared() {
    return settings.upload() == TierSettings.Upload.AT_ONCE;
  }

  @Override
  public boolean forget(String id) throws StoreException {
    if (!isShared() || !isUploaded(id)) {
      return delete(id);
    }
    boolean forgotten = local.delete(id);
    tier.remove(id);
    return forgotten;
  }

  @Override
  public boolean delete(String id) throws StoreException {
    SnapshotManifest there;
    boolean known;
    CompletableFuture<Incoming> coming;
    synchronized (this) {
      requireOpen();
      there = remote.remove(id);
      known = there != null || refused.remove(id) != null;
      coming = incoming.get(id);
    }
    Optional<SnapshotManifest> here = local.find(id);
    SnapshotManifest snapshot = there == null ? here.orElse(null) : there;
    if (snapshot != null && (there != null || mayBeShared(id))) {
      try {
        removals.add(snapshot.identity(), id);
      } catch (IOException e) {
        // Deleted all the same; only a crash before the shared store answers would bring it back.
        LOG.log(Level.WARNING, "event=deletion-not-durable snapshot={0} cause={1}", id, e);
      }
      chunks.forget(snapshot.identity(), id);
      withdrawSoon(snapshot.identity(), id);
    }
    if (coming != null) {
      giveUp(coming);
    }
    boolean deleted = local.delete(id);
    tier.remove(id);
    return deleted || known;
  }

  private boolean mayBeShared(String id) {
    return isUploaded(id) || uploads.isWaiting("upload " + id) || uploads.isWaiting("evict " + id);
  }

  private static void giveUp(CompletableFuture<Incoming> coming) {
    coming.thenAccept(
        incoming ->
            incoming
                .arrival()
                .giveUp(new StoreException(Reason.NOT_FOUND, "the snapshot was deleted")));
  }

  private void withdrawSoon(String identity, String id) {
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
    uploads.submit(
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
    return uploads.waiting();
  }

  @Override
  public void close() {
    List<CompletableFuture<Incoming>> coming;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      coming = List.copyOf(incoming.values());
    }
    coming.forEach(each -> each.thenAccept(one -> one.arrival().close()));
    uploads.close();
    transfers.close();
    // What was on its way is discarded by the next open; its pins end here.
    coming.forEach(
        each ->
            each.thenAccept(one -> local.abandonArrival(one.arrival().manifest().snapshot().id())));
    local.close();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the snapshot store is closed");
    }
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

  private static StoreException notFound(String id) {
    return new StoreException(
        Reason.NOT_FOUND, "there is no snapshot '" + id + "'; list the snapshots to see which are");
  }

  /** A lease that also keeps its snapshot from being evicted. */
  private static final class TierLease implements SnapshotLease {
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
}
