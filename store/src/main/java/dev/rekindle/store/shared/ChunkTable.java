package dev.rekindle.store.shared;

import dev.rekindle.store.io.Digest;
import java.util.Arrays;

/**
 * The distinct chunks of one snapshot and where each lies in a pack. Columns of numbers rather than
 * a list of records: a snapshot of a gigabyte has 65,000 chunks, and a node holds many snapshots'
 * tables.
 */
public final class ChunkTable {
  private long[] digests = new long[4 * 64];
  private int[] bytes = new int[64];
  private int[] packs = new int[64];
  private int[] offsets = new int[64];
  private int[] stored = new int[64];
  private int size;

  /**
   * Appends a chunk.
   *
   * @param digest of its bytes
   * @param chunkBytes its length
   * @param pack the number of its pack in the manifest's list
   * @param offset where it begins in the pack
   * @param storedBytes its length there; equal to {@code chunkBytes} when it is not compressed
   * @return its number
   */
  int add(Digest digest, int chunkBytes, int pack, int offset, int storedBytes) {
    if (size == bytes.length) {
      int more = size * 2;
      digests = Arrays.copyOf(digests, 4 * more);
      bytes = Arrays.copyOf(bytes, more);
      packs = Arrays.copyOf(packs, more);
      offsets = Arrays.copyOf(offsets, more);
      stored = Arrays.copyOf(stored, more);
    }
    digests[4 * size] = digest.a();
    digests[4 * size + 1] = digest.b();
    digests[4 * size + 2] = digest.c();
    digests[4 * size + 3] = digest.d();
    bytes[size] = chunkBytes;
    packs[size] = pack;
    offsets[size] = offset;
    stored[size] = storedBytes;
    return size++;
  }

  /** How many chunks there are. */
  public int size() {
    return size;
  }

  /** The digest of a chunk. */
  public Digest digest(int chunk) {
    int at = 4 * check(chunk);
    return new Digest(digests[at], digests[at + 1], digests[at + 2], digests[at + 3]);
  }

  /** Its length, uncompressed. */
  public int bytes(int chunk) {
    return bytes[check(chunk)];
  }

  int pack(int chunk) {
    return packs[check(chunk)];
  }

  int offset(int chunk) {
    return offsets[check(chunk)];
  }

  int stored(int chunk) {
    return stored[check(chunk)];
  }

  private int check(int chunk) {
    if (chunk < 0 || chunk >= size) {
      throw new IndexOutOfBoundsException("there is no chunk " + chunk + " of " + size);
    }
    return chunk;
  }
}
