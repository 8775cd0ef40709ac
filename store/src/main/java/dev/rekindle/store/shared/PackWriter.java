package dev.rekindle.store.shared;

import dev.rekindle.store.StoreException;
import dev.rekindle.store.blob.BlobException;
import dev.rekindle.store.blob.BlobStore;
import dev.rekindle.store.io.Digest;
import dev.rekindle.store.shared.ChunkManifest.Pack;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Puts chunks into packs of about {@value #PACK_BYTES} bytes, in the order in which they come:
 * pages that lie together in a file are then read back with one ranged read.
 */
final class PackWriter {
  /**
   * Large enough that an object store's time for each request (5 to 50 ms) does not show beside the
   * transfer, small enough that a pack rarely outlives most of its chunks.
   */
  static final int PACK_BYTES = 8 << 20;

  /** So many names in a row are never taken by accident. */
  private static final int MOST_NAMES = 100;

  private record Written(int offset, int stored) {}

  private final BlobStore blobs;
  private final RandomGenerator random;
  private final KnownChunks stored;
  private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(PACK_BYTES + 65536);
  private final Map<Digest, Written> pending = new LinkedHashMap<>();
  private long bytesWritten;

  /**
   * Makes a writer.
   *
   * @param stored told of each chunk once its pack is stored
   */
  PackWriter(BlobStore blobs, RandomGenerator random, KnownChunks stored) {
    this.blobs = blobs;
    this.random = random;
    this.stored = stored;
  }

  /** Adds a chunk, unless it waits in the current pack already. */
  void add(Digest digest, byte[] chunk) throws StoreException {
    if (pending.containsKey(digest)) {
      return;
    }
    byte[] encoded = ChunkCodec.encode(chunk);
    pending.put(digest, new Written(buffer.size(), encoded.length));
    buffer.writeBytes(encoded);
    if (buffer.size() >= PACK_BYTES) {
      flush();
    }
  }

  /** Stores what waits. */
  void flush() throws StoreException {
    if (pending.isEmpty()) {
      return;
    }
    Pack pack = put(buffer.toByteArray());
    pending.forEach(
        (digest, written) ->
            stored.add(digest, new KnownChunks.Place(pack, written.offset(), written.stored())));
    bytesWritten += pack.bytes();
    pending.clear();
    buffer.reset();
  }

  /**
   * Stores a pack under a name that was never used. A name that is taken is no failure: the first
   * answer to this very put may have been lost, or somebody's random numbers repeat themselves.
   */
  private Pack put(byte[] bytes) throws StoreException {
    for (int more = MOST_NAMES; ; more--) {
      byte[] id = new byte[16];
      random.nextBytes(id);
      var pack = new Pack(HexFormat.of().formatHex(id), bytes.length);
      try {
        blobs.put(SharedSnapshots.packKey(pack.id()), bytes, BlobStore.Condition.IF_ABSENT);
        return pack;
      } catch (BlobException e) {
        if (e.reason() != BlobException.Reason.ALREADY_EXISTS || more == 0) {
          throw BlobFailure.of("storing a pack of " + bytes.length + " bytes", e);
        }
      }
    }
  }

  /** Bytes of all packs stored so far. */
  long bytesWritten() {
    return bytesWritten;
  }
}
