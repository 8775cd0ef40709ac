package dev.rekindle.store.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * SHA-256 of a file's content, in constant memory and in time that follows its data, not its
 * length.
 *
 * <p>A memory file is sparse over terabytes, so holes are not read: the digest is taken over the
 * file's length and over each block of {@value #BLOCK_BYTES} bytes that holds anything but zeros,
 * with its number before it (both as 8 bytes, big endian; the last block is filled up with zeros).
 * So it depends on the content alone, and not on which zeros happen to be holes.
 */
public final class ContentDigest {
  /** The page size: what CRIU and file systems make holes of. */
  public static final int BLOCK_BYTES = 4096;

  /** Large enough that system calls do not show, small enough to stay in the second-level cache. */
  private static final int BUFFER_BYTES = 256 * 1024;

  private static final byte[] ZEROS = new byte[BLOCK_BYTES];

  private final MessageDigest digest = Digest.sha256();
  private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES);

  /** Begins the digest of a file of so many bytes. */
  public ContentDigest(long fileBytes) {
    digest.update(number.putLong(0, fileBytes));
  }

  /**
   * Takes whole blocks; blocks must be given in the order of the file, and those that are all zeros
   * may be left out.
   *
   * @param fileOffset where the first block begins in the file
   */
  public void update(long fileOffset, byte[] bytes, int length) {
    for (int at = 0; at < length; at += BLOCK_BYTES) {
      if (!isZero(bytes, at, BLOCK_BYTES)) {
        digest.update(number.clear().putLong(0, (fileOffset + at) / BLOCK_BYTES));
        digest.update(bytes, at, BLOCK_BYTES);
      }
    }
  }

  /** The digest as 64 lower-case hex digits. */
  public String finish() {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Whether a range of at most a block is all zeros. */
  public static boolean isZero(byte[] bytes, int offset, int length) {
    return Arrays.equals(bytes, offset, offset + length, ZEROS, 0, length);
  }

  /** The digest of a file as 64 lower-case hex digits. */
  public static String of(Path file) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      var digest = new ContentDigest(channel.size());
      FileCalls.extents(
          file,
          (start, end) -> {
            long from = start - start % BLOCK_BYTES;
            while (from < end) {
              int n = read(channel, buffer, from, end);
              digest.update(from, buffer, n);
              from += n;
            }
          });
      return digest.finish();
    }
  }

  /**
   * Fills the buffer with whole blocks from an offset on; what lies past the end reads as zeros.
   */
  public static int read(FileChannel channel, byte[] buffer, long from, long end)
      throws IOException {
    long wanted =
        Math.min(buffer.length, (end - from + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES);
    ByteBuffer into = ByteBuffer.wrap(buffer, 0, (int) wanted);
    while (into.hasRemaining()) {
      if (channel.read(into, from + into.position()) < 0) {
        Arrays.fill(buffer, into.position(), (int) wanted, (byte) 0);
        break;
      }
    }
    return (int) wanted;
  }

  /** The digest of bytes in memory as 64 lower-case hex digits. */
  public static String of(byte[] bytes) {
    return HexFormat.of().formatHex(Digest.sha256().digest(bytes));
  }
}
