package dev.rekindle.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of a file's logical content, in constant memory. */
final class ContentDigest {
  /** Large enough that system calls do not show, small enough to stay in the second-level cache. */
  private static final int BUFFER_BYTES = 256 * 1024;

  private ContentDigest() {}

  /** The digest of a file as 64 lower-case hex digits. Holes read as zeros. */
  static String of(Path file) throws IOException {
    var digest = sha256();
    var buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (channel.read(buffer.clear()) >= 0) {
        digest.update(buffer.flip());
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The digest of bytes in memory as 64 lower-case hex digits. */
  static String of(byte[] bytes) {
    return HexFormat.of().formatHex(sha256().digest(bytes));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
