package dev.rekindle.store.shared;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreException.Reason;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The chunk manifests of the shared store that this node has read, as many as fit a bound; and what
 * a new snapshot may share with them.
 */
public final class SharedChunks {
  private static final Logger LOG = System.getLogger(SharedChunks.class.getName());

  /** In chunks, of some 60 bytes each: about 64 MB of heap. */
  private static final int MOST_CACHED_CHUNKS = KnownChunks.MOST_CHUNKS;

  private record Name(String identity, String id) {}

  private final SharedSnapshots shared;
  private final Cache<Name, ChunkManifest> manifests =
      Caffeine.newBuilder()
          .maximumWeight(MOST_CACHED_CHUNKS)
          .<Name, ChunkManifest>weigher((name, manifest) -> 1 + manifest.chunks().size())
          .executor(Runnable::run)
          .build();

  /** Packs in which damage was found; new snapshots do not lean on them. */
  private final Set<String> avoided = ConcurrentHashMap.newKeySet();

  /** The chunks beside a store's snapshots. */
  public SharedChunks(SharedSnapshots shared) {
    this.shared = shared;
  }

  /** A snapshot's chunks; read once, then remembered while there is room. */
  public ChunkManifest manifest(String identity, String id) throws StoreException {
    var name = new Name(identity, id);
    ChunkManifest known = manifests.getIfPresent(name);
    if (known == null) {
      known = shared.read(identity, id);
      manifests.put(name, known);
    }
    return known;
  }

  /** Takes in what was just published. */
  public void published(ChunkManifest manifest) {
    manifests.put(new Name(manifest.snapshot().identity(), manifest.snapshot().id()), manifest);
  }

  /** Forgets a snapshot. */
  public void forget(String identity, String id) {
    manifests.invalidate(new Name(identity, id));
  }

  /** From now on no new snapshot leans on this pack. */
  public void avoid(String pack) {
    avoided.add(pack);
  }

  /**
   * The chunks that a new snapshot may share: those of its own identity's snapshots first, then of
   * all others, the newest first, until the bound is reached.
   */
  KnownChunks load(String identity) throws StoreException {
    Set<String> avoid = new HashSet<>(avoided);
    avoid.addAll(shared.condemned().keySet());
    List<SharedSnapshots.Entry> entries = new ArrayList<>(shared.list());
    entries.sort(
        Comparator.comparing((SharedSnapshots.Entry e) -> !e.identity().equals(identity))
            .thenComparing(e -> e.manifest().modified(), Comparator.reverseOrder()));
    var chunks = new KnownChunks();
    for (var entry : entries) {
      try {
        if (!chunks.add(manifest(entry.identity(), entry.id()), avoid)) {
          break;
        }
      } catch (StoreException e) {
        if (e.reason() == Reason.UNAVAILABLE) {
          throw e;
        }
        // Gone meanwhile, or damaged: nothing to share with.
        LOG.log(Level.WARNING, "event=manifest-skipped snapshot={0} cause={1}", entry.id(), e);
      }
    }
    return chunks;
  }
}
