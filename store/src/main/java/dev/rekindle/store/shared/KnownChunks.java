package dev.rekindle.store.shared;

import dev.rekindle.store.io.Digest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Chunks that the shared store has already, by digest. Bounded, since a store may hold more than
 * this node's memory: what is not known here is stored once more, which costs space only.
 */
final class KnownChunks {
  /** 16 GiB of memory images, in some 120 MB of heap while an upload runs. */
  static final int MOST_CHUNKS = 1 << 20;

  /**
   * Where a chunk is.
   *
   * @param pack its pack
   * @param offset where it begins there
   * @param stored its length there
   */
  record Place(ChunkManifest.Pack pack, int offset, int stored) {}

  private final Map<Digest, Place> places = new HashMap<>();

  /**
   * Takes in the chunks of a snapshot.
   *
   * @param avoid packs that must not be relied on
   * @return false when there is no room for more
   */
  boolean add(ChunkManifest manifest, Set<String> avoid) {
    List<ChunkManifest.Pack> packs = manifest.packs();
    ChunkTable chunks = manifest.chunks();
    for (int chunk = 0; chunk < chunks.size(); chunk++) {
      var pack = packs.get(chunks.pack(chunk));
      if (places.size() >= MOST_CHUNKS) {
        return false;
      }
      if (!avoid.contains(pack.id())) {
        places.putIfAbsent(
            chunks.digest(chunk), new Place(pack, chunks.offset(chunk), chunks.stored(chunk)));
      }
    }
    return true;
  }

  /** Takes in one chunk. */
  void add(Digest digest, Place place) {
    places.put(digest, place);
  }

  @Nullable Place find(Digest digest) {
    return places.get(digest);
  }
}
