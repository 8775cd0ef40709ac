package dev.rekindle.store.io;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The name of a chunk: SHA-256 of its bytes. A cryptographic one, since functions choose what is in
 * their memory, and two chunks of one name would hand one function's memory to another.
 */
public record Digest(long a, long b, long c, long d) {
  /** Length of a digest in bytes. */
  public static final int BYTES = 32;

  /** The digest of a range of an array. */
  public static Digest of(byte[] bytes, int offset, int length) {
    MessageDigest sha256 = sha256();
    sha256.update(bytes, offset, length);
    return read(ByteBuffer.wrap(sha256.digest()));
  }

  /** Reads one from a buffer. */
  public static Digest read(ByteBuffer from) {
    return new Digest(from.getLong(), from.getLong(), from.getLong(), from.getLong());
  }

  /** Writes it to a buffer. */
  public void write(ByteBuffer to) {
    to.putLong(a).putLong(b).putLong(c).putLong(d);
  }

  /** A fresh SHA-256. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** 64 lower-case hex digits. */
  @Override
  public String toString() {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    write(bytes);
    return HexFormat.of().formatHex(bytes.array());
  }
}
