package dev.rekindle.store.tier;

import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreException.Reason;
import dev.rekindle.store.StoreListener;
import dev.rekindle.store.UnusableSnapshot;
import dev.rekindle.store.shared.ChunkManifest;
import dev.rekindle.store.shared.SharedChunks;
import dev.rekindle.store.shared.SharedSnapshots;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The snapshots of the shared store that this node knows of. Its monitor also guards what must not
 * change between a look at it and what is done about it: see {@link Arrivals}.
 */
final class SharedCatalog {
  private final SharedSnapshots shared;
  private final SharedChunks chunks;
  private final Removals removals;
  private final StoreListener listener;

  /** By id. Guarded by this, as is all below. */
  private final Map<String, Entry> known = new TreeMap<>();

  /** Snapshots that were found damaged, by id. */
  private final Map<String, StoreException> refused = new TreeMap<>();

  private boolean closed;

  /** A snapshot and the bytes that its chunks take in the store. */
  private record Entry(SnapshotManifest snapshot, long storedBytes) {}

  SharedCatalog(
      SharedSnapshots shared, SharedChunks chunks, Removals removals, StoreListener listener) {
    this.shared = shared;
    this.chunks = chunks;
    this.removals = removals;
    this.listener = listener;
  }

  /**
   * From now on {@link #requireOpen} fails.
   *
   * @return false if it did already
   */
  synchronized boolean close() {
    boolean wasOpen = !closed;
    closed = true;
    return wasOpen;
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /**
   * Checks that the store is open.
   *
   * @throws IllegalStateException if it is not
   */
  synchronized void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the snapshot store is closed");
    }
  }

  /** Whether the store has a snapshot of that id, damaged or not. */
  synchronized boolean contains(String id) {
    return known.containsKey(id);
  }

  /** A snapshot that can be fetched. */
  synchronized Optional<SnapshotManifest> find(String id) {
    return refused.containsKey(id) ? Optional.empty() : snapshot(id);
  }

  /** A snapshot, damaged or not. */
  synchronized Optional<SnapshotManifest> snapshot(String id) {
    return Optional.ofNullable(known.get(id)).map(Entry::snapshot);
  }

  /**
   * A snapshot that can be fetched.
   *
   * @throws StoreException why it was refused, or that there is none
   */
  synchronized SnapshotManifest require(String id) throws StoreException {
    requireOpen();
    StoreException problem = refused.get(id);
    if (problem != null) {
      throw new StoreException(problem.reason(), String.valueOf(problem.getMessage()), problem);
    }
    return snapshot(id).orElseThrow(() -> notFound(id));
  }

  static StoreException notFound(String id) {
    return new StoreException(
        Reason.NOT_FOUND, "there is no snapshot '" + id + "'; list the snapshots to see which are");
  }

  /** All that can be fetched. */
  synchronized List<SnapshotManifest> list() {
    return known.keySet().stream().flatMap(id -> find(id).stream()).toList();
  }

  /** All that were found damaged. */
  synchronized List<UnusableSnapshot> unusable() {
    List<UnusableSnapshot> all = new ArrayList<>();
    refused.forEach(
        (id, why) ->
            all.add(new UnusableSnapshot(id, why.reason(), String.valueOf(why.getMessage()))));
    return all;
  }

  /** What a snapshot's chunks take in the store, in bytes; 0 where it has no such snapshot. */
  synchronized long storedBytes(String id) {
    Entry entry = known.get(id);
    return entry == null ? 0 : entry.storedBytes();
  }

  /**
   * Asks the store for the snapshots of an identity.
   *
   * @throws StoreException {@link Reason#UNAVAILABLE} if it does not answer
   */
  void look(String identity) throws StoreException {
    Set<String> there = new HashSet<>();
    for (var entry : shared.list(identity)) {
      there.add(entry.id());
      if (isNew(entry.id())) {
        learn(entry);
      }
    }
    synchronized (this) {
      known
          .values()
          .removeIf(
              entry ->
                  entry.snapshot().identity().equals(identity)
                      && !there.contains(entry.snapshot().id()));
    }
  }

  private synchronized boolean isNew(String id) {
    return !known.containsKey(id) && !refused.containsKey(id) && !removals.contains(id);
  }

  private void learn(SharedSnapshots.Entry entry) throws StoreException {
    try {
      add(chunks.manifest(entry.identity(), entry.id()));
    } catch (StoreException e) {
      if (e.reason() == Reason.UNAVAILABLE) {
        throw e;
      }
      if (e.reason() != Reason.NOT_FOUND) {
        refuse(entry.id(), e);
      }
    }
  }

  /**
   * Takes in a snapshot that the store has.
   *
   * @return false if it was deleted here meanwhile
   */
  synchronized boolean add(ChunkManifest manifest) {
    SnapshotManifest snapshot = manifest.snapshot();
    if (removals.contains(snapshot.id())) {
      return false;
    }
    known.put(snapshot.id(), new Entry(snapshot, manifest.storedBytes()));
    return true;
  }

  /** It was found damaged: it is not fetched any more. */
  void refuse(String id, StoreException why) {
    synchronized (this) {
      refused.put(id, why);
    }
    listener.damaged(id, why, true);
  }

  /**
   * Forgets a snapshot that is deleted, or that the store does not have any more.
   *
   * @return whether it was known
   */
  synchronized boolean remove(String id) {
    boolean wasRefused = refused.remove(id) != null;
    return known.remove(id) != null || wasRefused;
  }
}
