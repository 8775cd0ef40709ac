package dev.rekindle.store.local;

import dev.rekindle.store.SnapshotDraft;
import dev.rekindle.store.SnapshotLease;
import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.SnapshotStore;
import dev.rekindle.store.StorageFailure;
import dev.rekindle.store.StorageState;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreException.Reason;
import dev.rekindle.store.StoredFile;
import dev.rekindle.store.UnusableSnapshot;
import dev.rekindle.store.io.AllocatedBytes;
import dev.rekindle.store.io.FileStamp;
import dev.rekindle.store.local.StoredSnapshot.State;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Keeps snapshots in a directory of the local file system, which it owns while it is open. The
 * index is in memory: finding and listing touch no file.
 *
 * <p>Longer than most classes here, since it is the one place that holds the lock: each method is
 * one transition under it, with the file work outside.
 */
public final class FilesystemSnapshotStore implements SnapshotStore {
  private static final Logger LOG = System.getLogger(FilesystemSnapshotStore.class.getName());

  private final StoreRoot root;
  private final InstantSource clock;

  /** By id. Guarded by this, as are the two below and the states of the snapshots. */
  private final Map<String, StoredSnapshot> snapshots = new TreeMap<>();

  /** Leases and drafts that are open, deletions that are running. */
  private int pins;

  private boolean closed;

  private FilesystemSnapshotStore(StoreRoot root, InstantSource clock) {
    this.root = root;
    this.clock = clock;
  }

  /**
   * Opens a store, and removes what a crash left half done. Snapshots with an unreadable manifest
   * are logged and listed as {@link #unusable()}.
   *
   * @param directory the store's own directory, made if need be
   * @param clock tells when a snapshot was committed
   * @throws StoreException {@link Reason#IN_USE} when another store owns the directory, {@link
   *     Reason#NOT_WRITABLE} and the like when it cannot be used
   */
  public static FilesystemSnapshotStore open(Path directory, InstantSource clock)
      throws StoreException {
    try {
      var root = StoreRoot.open(directory);
      try {
        var store = new FilesystemSnapshotStore(root, clock);
        store.load();
        return store;
      } catch (IOException | RuntimeException e) {
        root.close();
        throw e;
      }
    } catch (IOException e) {
      throw StorageFailure.of("opening the snapshot store", directory, e);
    }
  }

  private synchronized void load() throws IOException {
    for (var home : root.published()) {
      var snapshot = new StoredSnapshot(home);
      try {
        snapshot.found(home.read());
      } catch (StoreException e) {
        markUnusable(snapshot, e);
      } catch (IOException e) {
        markUnusable(snapshot, failure("reading the manifest of '" + home.id() + "'", e));
      }
      snapshots.put(home.id(), snapshot);
    }
  }

  @Override
  public SnapshotDraft begin(String id) throws StoreException {
    SnapshotManifest.requireId(id);
    var snapshot = new StoredSnapshot(root.published(id));
    synchronized (this) {
      requireOpen();
      var taken = snapshots.putIfAbsent(id, snapshot);
      if (taken != null) {
        throw alreadyExists(taken);
      }
      pins++;
    }
    try {
      return new FilesystemDraft(this, snapshot, root.stage(id));
    } catch (IOException e) {
      synchronized (this) {
        snapshots.remove(id);
        unpin();
      }
      throw failure("beginning snapshot '" + id + "'", e);
    }
  }

  /** Makes a committed draft visible. */
  synchronized void publish(
      StoredSnapshot snapshot,
      SnapshotManifest manifest,
      FileStamp manifestStamp,
      Map<String, FileStamp> fileStamps) {
    snapshot.committed(manifest, manifestStamp, fileStamps);
    unpin();
  }

  /** Forgets a draft and removes its files, even those of a commit that failed at its last step. */
  void abandon(StoredSnapshot snapshot, SnapshotHome staged) {
    for (Path path : List.of(staged.path(), snapshot.home().path())) {
      try {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
          root.discard(path);
        }
      } catch (IOException e) {
        LOG.log(Level.WARNING, "event=draft-kept path={0} cause={1}", path, e);
      }
    }
    synchronized (this) {
      snapshots.remove(staged.id());
      unpin();
    }
  }

  @Override
  public synchronized Optional<SnapshotManifest> find(String id) {
    requireOpen();
    return Optional.ofNullable(snapshots.get(id))
        .filter(snapshot -> snapshot.state() == State.READY)
        .map(StoredSnapshot::manifest);
  }

  @Override
  public synchronized List<SnapshotManifest> list() {
    return in(State.READY)
        .map(StoredSnapshot::manifest)
        .sorted(
            Comparator.comparing(SnapshotManifest::createdAt).thenComparing(SnapshotManifest::id))
        .toList();
  }

  @Override
  public synchronized List<UnusableSnapshot> unusable() {
    return in(State.UNUSABLE)
        .map(
            snapshot ->
                new UnusableSnapshot(
                    snapshot.home().id(),
                    snapshot.problem().reason(),
                    String.valueOf(snapshot.problem().getMessage())))
        .toList();
  }

  @Override
  public SnapshotLease open(String id) throws StoreException {
    StoredSnapshot snapshot;
    synchronized (this) {
      snapshot = requireReady(id);
      snapshot.lease();
      pins++;
    }
    boolean opened = false;
    try {
      snapshot.verify();
      opened = true;
      return new FilesystemLease(this, snapshot, snapshot.manifest());
    } catch (IOException e) {
      throw failure("opening snapshot '" + id + "'", e);
    } catch (StoreException e) {
      throw refused(snapshot, e);
    } finally {
      if (!opened) {
        closeLease(snapshot);
      }
    }
  }

  @Override
  public boolean delete(String id) throws StoreException {
    StoredSnapshot snapshot;
    boolean leased;
    synchronized (this) {
      requireOpen();
      snapshot = snapshots.get(id);
      if (snapshot == null || !snapshot.canCondemn()) {
        return false;
      }
      leased = snapshot.leases() > 0;
      snapshot.condemn();
      snapshot.lease();
      pins++;
    }
    try {
      if (leased) {
        snapshot.home().condemn();
      }
    } catch (IOException e) {
      // Deleted all the same; only a crash before the last lease closes would bring it back.
      LOG.log(Level.WARNING, "event=deletion-not-durable snapshot={0} cause={1}", id, e);
    }
    try {
      release(snapshot);
    } catch (IOException e) {
      throw failure("deleting snapshot '" + id + "'", e);
    }
    return true;
  }

  /**
   * Makes a place for a snapshot whose files come one by one. It stays until {@link #arrived} or
   * {@link #abandonArrival}.
   */
  public SnapshotHome beginArrival(SnapshotManifest manifest) throws StoreException {
    var snapshot = new StoredSnapshot(root.published(manifest.id()));
    synchronized (this) {
      requireOpen();
      var taken = snapshots.putIfAbsent(manifest.id(), snapshot);
      if (taken != null) {
        throw alreadyExists(taken);
      }
      pins++;
      snapshot.lease();
    }
    boolean begun = false;
    try {
      snapshot.home().beginArrival();
      synchronized (this) {
        snapshot.arriving(manifest);
      }
      begun = true;
      return snapshot.home();
    } catch (IOException e) {
      throw failure("making room for snapshot '" + manifest.id() + "'", e);
    } finally {
      if (!begun) {
        synchronized (this) {
          snapshot.condemn();
        }
        closeLease(snapshot);
      }
    }
  }

  /**
   * All files of an arriving snapshot are there, verified and durable: it is like any other now.
   */
  public void arrived(String id) throws StoreException {
    StoredSnapshot snapshot = requireArriving(id);
    try {
      var home = snapshot.home();
      var stamps = new LinkedHashMap<String, FileStamp>();
      for (StoredFile file : snapshot.manifest().files()) {
        stamps.put(file.name(), FileStamp.of(home.files().resolve(file.name())));
      }
      home.arrived(snapshot.manifest());
      synchronized (this) {
        if (snapshot.state() == State.ARRIVING) {
          snapshot.committed(snapshot.manifest(), FileStamp.of(home.manifest()), stamps);
        }
      }
      closeLease(snapshot);
    } catch (IOException e) {
      throw failure("keeping snapshot '" + id + "'", e);
    }
  }

  /** An arriving snapshot will not come; what is there is removed when its last lease closes. */
  public void abandonArrival(String id) {
    StoredSnapshot snapshot;
    synchronized (this) {
      snapshot = snapshots.get(id);
      if (snapshot == null || snapshot.state() != State.ARRIVING) {
        return;
      }
      snapshot.condemn();
    }
    closeLease(snapshot);
  }

  /** Pins an arriving snapshot, as {@link #open} does a whole one. */
  public SnapshotLease leaseArriving(String id) throws StoreException {
    StoredSnapshot snapshot;
    synchronized (this) {
      snapshot = requireArriving(id);
      snapshot.lease();
      pins++;
    }
    return new FilesystemLease(this, snapshot, snapshot.manifest());
  }

  private synchronized StoredSnapshot requireArriving(String id) throws StoreException {
    requireOpen();
    var snapshot = snapshots.get(id);
    if (snapshot == null || snapshot.state() != State.ARRIVING) {
      throw notFound(id);
    }
    return snapshot;
  }

  /** Deletes a snapshot that nobody has open; returns whether it did. */
  public boolean deleteUnlessLeased(String id) throws StoreException {
    StoredSnapshot snapshot;
    synchronized (this) {
      requireOpen();
      snapshot = snapshots.get(id);
      if (snapshot == null || snapshot.state() != State.READY || snapshot.leases() > 0) {
        return false;
      }
      snapshot.condemn();
      snapshot.lease();
      pins++;
    }
    try {
      release(snapshot);
      return true;
    } catch (IOException e) {
      throw failure("evicting snapshot '" + id + "'", e);
    }
  }

  /** Takes a snapshot out of use: something else than {@link #open} found it damaged. */
  public synchronized void refuse(String id, StoreException why) {
    var snapshot = snapshots.get(id);
    if (snapshot != null && snapshot.state() == State.READY) {
      markUnusable(snapshot, why);
    }
  }

  /** The home of a snapshot that is here or on its way. */
  public synchronized Optional<SnapshotHome> home(String id) {
    requireOpen();
    return Optional.ofNullable(snapshots.get(id))
        .filter(snapshot -> snapshot.state() == State.READY || snapshot.state() == State.ARRIVING)
        .map(StoredSnapshot::home);
  }

  @Override
  public void attach(String id, String name, byte[] record) throws StoreException {
    var home = home(id);
    if (home.isEmpty()) {
      throw notFound(id);
    }
    try {
      home.get().attach(name, record);
    } catch (IOException e) {
      throw failure("keeping '" + name + "' of snapshot '" + id + "'", e);
    }
  }

  @Override
  public Optional<byte[]> attachment(String id, String name) throws StoreException {
    var home = home(id);
    try {
      return home.isEmpty() ? Optional.empty() : home.get().attachment(name);
    } catch (IOException e) {
      throw failure("reading '" + name + "' of snapshot '" + id + "'", e);
    }
  }

  @Override
  public StorageState storage(String id) {
    return find(id).isPresent() ? StorageState.LOCAL_ONLY : StorageState.NOWHERE;
  }

  @Override
  public long bytesStored() throws StoreException {
    synchronized (this) {
      requireOpen();
    }
    try {
      return AllocatedBytes.of(root.path());
    } catch (IOException e) {
      throw failure("measuring the snapshot store", e);
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      closeRootUnlessPinned();
    }
  }

  /**
   * Gives one lease back; what cannot be removed now can be deleted again, or goes at next open.
   */
  void closeLease(StoredSnapshot snapshot) {
    try {
      release(snapshot);
    } catch (IOException e) {
      LOG.log(
          Level.WARNING, "event=removal-failed snapshot={0} cause={1}", snapshot.home().id(), e);
    }
  }

  /**
   * The last lease of a deleted snapshot is held until the files are gone: so nobody leases twice.
   */
  private void release(StoredSnapshot snapshot) throws IOException {
    boolean remove;
    synchronized (this) {
      remove = snapshot.state() == State.CONDEMNED && snapshot.leases() == 1;
      if (!remove) {
        snapshot.release();
        unpin();
        return;
      }
    }
    boolean removed = false;
    try {
      root.discard(snapshot.home().path());
      removed = true;
    } finally {
      synchronized (this) {
        snapshot.release();
        if (removed) {
          snapshots.remove(snapshot.home().id());
        }
        unpin();
      }
    }
  }

  /** When a commit takes place. */
  Instant now() {
    return clock.instant();
  }

  /** Explains a failed file operation. */
  public StoreException failure(String action, IOException failure) {
    return StorageFailure.of(action, root.path(), failure);
  }

  private StoredSnapshot requireReady(String id) throws StoreException {
    requireOpen();
    var snapshot = snapshots.get(id);
    if (snapshot == null
        || snapshot.state() == State.DRAFT
        || snapshot.state() == State.ARRIVING
        || snapshot.state() == State.CONDEMNED) {
      throw notFound(id);
    }
    if (snapshot.state() == State.UNUSABLE) {
      var problem = snapshot.problem();
      throw new StoreException(problem.reason(), String.valueOf(problem.getMessage()), problem);
    }
    return snapshot;
  }

  /** A snapshot failed its verification: damage, or a deletion that came in between. */
  private synchronized StoreException refused(StoredSnapshot snapshot, StoreException problem) {
    if (snapshot.state() == State.CONDEMNED) {
      return notFound(snapshot.home().id());
    }
    if (snapshot.state() == State.READY) {
      markUnusable(snapshot, problem);
    }
    return problem;
  }

  private static void markUnusable(StoredSnapshot snapshot, StoreException problem) {
    snapshot.unusable(problem);
    LOG.log(
        Level.ERROR,
        "event=snapshot-unusable snapshot={0} reason={1} detail={2}",
        snapshot.home().id(),
        problem.reason(),
        problem.getMessage());
  }

  private Stream<StoredSnapshot> in(State state) {
    requireOpen();
    return snapshots.values().stream().filter(snapshot -> snapshot.state() == state);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the snapshot store at " + root.path() + " is closed");
    }
  }

  private void unpin() {
    pins--;
    if (closed) {
      closeRootUnlessPinned();
    }
  }

  private void closeRootUnlessPinned() {
    if (pins == 0) {
      root.close();
    }
  }

  private static StoreException alreadyExists(StoredSnapshot taken) {
    String advice =
        switch (taken.state()) {
          case DRAFT -> "a draft of it is open; wait for it or close it";
          case READY, ARRIVING, UNUSABLE -> "delete it first or choose another id";
          case CONDEMNED -> "it is deleted, but leases still hold its files; close them first";
        };
    return new StoreException(
        Reason.ALREADY_EXISTS, "snapshot '" + taken.home().id() + "' exists already: " + advice);
  }

  private static StoreException notFound(String id) {
    return new StoreException(
        Reason.NOT_FOUND, "there is no snapshot '" + id + "'; list the snapshots to see which are");
  }
}
