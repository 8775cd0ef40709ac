package dev.rekindle.store.shared;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import dev.rekindle.store.io.Digest;

/**
 * A chunk's bytes as a pack holds them: a zstd frame, or the bytes themselves where that would not
 * be shorter. Nothing comes out that does not match its digest.
 */
final class ChunkCodec {
  /**
   * zstd's fastest regular level: memory of CPython shrinks to 0.19 of its size at 400 MB/s a core
   * (measured), and the disk or the link is slower than that.
   */
  private static final int LEVEL = 1;

  private ChunkCodec() {}

  /** The stored form of bytes. */
  static byte[] encode(byte[] bytes) {
    byte[] frame = Zstd.compress(bytes, LEVEL);
    return frame.length < bytes.length ? frame : bytes;
  }

  /**
   * Brings a chunk back.
   *
   * @param stored holds the stored form
   * @param offset where it begins
   * @param storedBytes its length
   * @param bytes the chunk's length
   * @param digest the chunk's name
   * @throws DamagedChunk when anything else than the chunk comes out
   */
  static byte[] decode(byte[] stored, int offset, int storedBytes, int bytes, Digest digest)
      throws DamagedChunk {
    byte[] chunk = new byte[bytes];
    if (storedBytes == bytes) {
      System.arraycopy(stored, offset, chunk, 0, bytes);
    } else {
      try {
        long n = Zstd.decompressByteArray(chunk, 0, bytes, stored, offset, storedBytes);
        if (n != bytes) {
          throw new DamagedChunk("has " + n + " bytes instead of " + bytes);
        }
      } catch (ZstdException e) {
        throw new DamagedChunk("cannot be decompressed: " + e.getMessage());
      }
    }
    if (!Digest.of(chunk, 0, bytes).equals(digest)) {
      throw new DamagedChunk("does not have its digest");
    }
    return chunk;
  }

  /** A chunk is not what its name says. */
  static final class DamagedChunk extends Exception {
    private static final long serialVersionUID = 1L;

    DamagedChunk(String message) {
      super(message);
    }
  }
}
