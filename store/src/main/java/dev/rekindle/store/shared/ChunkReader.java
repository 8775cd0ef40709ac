package dev.rekindle.store.shared;

import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreException.Reason;
import dev.rekindle.store.blob.BlobException;
import dev.rekindle.store.blob.BlobStore;
import dev.rekindle.store.io.Digest;
import dev.rekindle.store.shared.ChunkCodec.DamagedChunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * Reads chunks from packs, several with each ranged read, and verifies each. A chunk that is not
 * right is read once more by itself, then looked for in other tiers.
 */
public final class ChunkReader {
  /**
   * Chunks nearer than this in a pack are read together: at 100 MB/s the gap takes 1.3 ms, less
   * than any store's answer to another request.
   */
  private static final int GAP_BYTES = 128 << 10;

  /** Several reads of this size at once fill a link. */
  static final int MOST_READ_BYTES = 2 << 20;

  private final BlobStore blobs;
  private final Spares spares;
  private final LongAdder bytesRead = new LongAdder();

  /** Reads from a blob store, and from chunks that are on the local disk. */
  public ChunkReader(BlobStore blobs, Spares spares) {
    this.blobs = blobs;
    this.spares = spares;
  }

  /** Another place that may have a chunk which the shared store has lost. */
  public interface Spares {
    /** The chunk's bytes, not yet verified. */
    Optional<byte[]> find(Digest digest);

    /** Damage was found in this pack. */
    void damaged(String pack);
  }

  /** Takes verified chunks. */
  public interface Taker {
    /** Takes one chunk. */
    void chunk(int number, byte[] bytes) throws IOException;
  }

  /**
   * One ranged read.
   *
   * @param pack the pack's number in the manifest
   * @param offset where it begins in the pack
   * @param length its length
   * @param chunks the chunks to take from it
   */
  public record Read(int pack, int offset, int length, List<Integer> chunks) {}

  /** Bytes read from the blob store so far. */
  public long bytesRead() {
    return bytesRead.sum();
  }

  /** The fewest reads for a set of chunks, in the order of the packs. */
  public static List<Read> plan(ChunkManifest manifest, BitSet wanted) {
    ChunkTable chunks = manifest.chunks();
    List<Integer> sorted = wanted.stream().boxed().collect(ArrayList::new, List::add, List::addAll);
    sorted.sort(Comparator.<Integer>comparingInt(chunks::pack).thenComparingInt(chunks::offset));
    List<Read> reads = new ArrayList<>();
    List<Integer> current = new ArrayList<>();
    int pack = -1;
    int start = 0;
    int end = 0;
    for (int chunk : sorted) {
      int offset = chunks.offset(chunk);
      int stop = offset + chunks.stored(chunk);
      boolean joins =
          chunks.pack(chunk) == pack
              && offset - end <= GAP_BYTES
              && Math.max(stop, end) - start <= MOST_READ_BYTES;
      if (!joins && !current.isEmpty()) {
        reads.add(new Read(pack, start, end - start, List.copyOf(current)));
        current.clear();
      }
      if (current.isEmpty()) {
        pack = chunks.pack(chunk);
        start = offset;
        end = offset;
      }
      current.add(chunk);
      end = Math.max(end, stop);
    }
    if (!current.isEmpty()) {
      reads.add(new Read(pack, start, end - start, List.copyOf(current)));
    }
    return reads;
  }

  /**
   * Reads and verifies.
   *
   * @throws StoreException {@link Reason#DAMAGED} when a chunk is nowhere to be had as it was;
   *     {@link Reason#UNAVAILABLE} and the like when the store does not answer
   * @throws IOException when the taker failed
   */
  public void read(ChunkManifest manifest, Read read, Taker taker)
      throws StoreException, IOException {
    ChunkTable chunks = manifest.chunks();
    String pack = manifest.packs().get(read.pack()).id();
    Optional<byte[]> range = range(pack, read.offset(), read.length());
    for (int chunk : read.chunks()) {
      byte[] bytes;
      try {
        if (range.isEmpty()) {
          throw new DamagedChunk("is gone");
        }
        bytes = decode(chunks, chunk, range.get(), chunks.offset(chunk) - read.offset());
      } catch (DamagedChunk first) {
        bytes = again(manifest, chunk, pack);
      }
      taker.chunk(chunk, bytes);
    }
  }

  private byte[] again(ChunkManifest manifest, int chunk, String pack) throws StoreException {
    ChunkTable chunks = manifest.chunks();
    String what;
    try {
      Optional<byte[]> alone = range(pack, chunks.offset(chunk), chunks.stored(chunk));
      if (alone.isPresent()) {
        return decode(chunks, chunk, alone.get(), 0);
      }
      what = "is gone";
    } catch (DamagedChunk e) {
      what = String.valueOf(e.getMessage());
    }
    spares.damaged(pack);
    Digest digest = chunks.digest(chunk);
    Optional<byte[]> spare = spares.find(digest);
    if (spare.isPresent()
        && spare.get().length == chunks.bytes(chunk)
        && Digest.of(spare.get(), 0, spare.get().length).equals(digest)) {
      return spare.get();
    }
    throw new StoreException(
        Reason.DAMAGED,
        "snapshot '%s': chunk %s in pack %s of %s %s, and no other tier has it; delete the snapshot and checkpoint again"
            .formatted(manifest.snapshot().id(), digest, pack, blobs, what));
  }

  private static byte[] decode(ChunkTable chunks, int chunk, byte[] from, int offset)
      throws DamagedChunk {
    return ChunkCodec.decode(
        from, offset, chunks.stored(chunk), chunks.bytes(chunk), chunks.digest(chunk));
  }

  /** A range of a pack; empty when the pack is gone or ends before the range does. */
  private Optional<byte[]> range(String pack, int offset, int length) throws StoreException {
    byte[] bytes = new byte[length];
    try {
      blobs.get(SharedSnapshots.packKey(pack), offset, ByteBuffer.wrap(bytes));
      bytesRead.add(length);
      return Optional.of(bytes);
    } catch (BlobException e) {
      if (e.reason() == BlobException.Reason.NOT_FOUND
          || e.reason() == BlobException.Reason.UNEXPECTED_SIZE) {
        return Optional.empty();
      }
      throw BlobFailure.of("reading pack " + pack, e);
    }
  }
}
