package dev.rekindle.store.shared;

import dev.rekindle.store.StoreException;
import dev.rekindle.store.io.ContentDigest;
import dev.rekindle.store.io.FileCalls;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Reads a file slot by slot, without its holes and zeros. */
final class FileSlots {
  private FileSlots() {}

  /** Takes the slots of a file in order. */
  interface Taker {
    /**
     * Takes a slot that is not all zeros.
     *
     * @param bytes the slot's bytes; the array is used again
     * @param length how many there are
     */
    void slot(int slot, byte[] bytes, int length) throws IOException, StoreException;
  }

  /**
   * Goes through a file.
   *
   * @return its digest, as {@link ContentDigest} takes it
   */
  static String read(Path file, Taker taker) throws IOException, StoreException {
    byte[] buffer = new byte[ChunkManifest.SLOT_BYTES];
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long fileBytes = channel.size();
      var digest = new ContentDigest(fileBytes);
      int[] next = {0};
      StoreException[] refused = {null};
      FileCalls.extents(
          file,
          (start, end) -> {
            int slot = Math.max(next[0], Math.toIntExact(start / ChunkManifest.SLOT_BYTES));
            for (; refused[0] == null && (long) slot * ChunkManifest.SLOT_BYTES < end; slot++) {
              long offset = (long) slot * ChunkManifest.SLOT_BYTES;
              int length = ChunkManifest.slotBytes(fileBytes, slot);
              int read = ContentDigest.read(channel, buffer, offset, offset + length);
              digest.update(offset, buffer, read);
              if (!isZero(buffer, read)) {
                try {
                  taker.slot(slot, buffer, length);
                } catch (StoreException e) {
                  refused[0] = e;
                }
              }
            }
            next[0] = slot;
          });
      if (refused[0] != null) {
        throw refused[0];
      }
      return digest.finish();
    }
  }

  private static boolean isZero(byte[] bytes, int length) {
    for (int at = 0; at < length; at += ContentDigest.BLOCK_BYTES) {
      if (!ContentDigest.isZero(bytes, at, ContentDigest.BLOCK_BYTES)) {
        return false;
      }
    }
    return true;
  }
}
