package dev.rekindle.store;

import dev.rekindle.store.io.ContentDigest;
import java.util.regex.Pattern;

/**
 * One file of a snapshot, as its manifest describes it.
 *
 * <p>The name is printable ASCII, so that no locale and no object key can read it differently.
 *
 * @param name path relative to the snapshot's directory, with {@code /} between its parts; never
 *     absolute, never with empty, {@code .} or {@code ..} parts
 * @param bytes logical length in bytes; holes of a sparse file count
 * @param mode permission bits as in {@code chmod}, 0 to 07777; CRIU refuses to map a file whose
 *     mode differs from the one in its images
 * @param digest SHA-256 as {@link ContentDigest} takes it, 64 lower-case hex digits
 */
public record StoredFile(String name, long bytes, int mode, String digest) {
  private static final int MAX_NAME_CHARS = 512;
  private static final int MODE_BITS = 07777;
  private static final Pattern NAME = Pattern.compile("[\\x20-\\x7e]{1," + MAX_NAME_CHARS + "}");
  private static final Pattern UNSAFE_PART = Pattern.compile("(^|/)(\\.{0,2})(/|$)");
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  /**
   * Checks every part.
   *
   * @throws IllegalArgumentException when a part breaks the rules above
   */
  public StoredFile {
    requireName(name);
    if (bytes < 0) {
      throw new IllegalArgumentException("file '" + name + "' has a negative length: " + bytes);
    }
    if ((mode & ~MODE_BITS) != 0) {
      throw new IllegalArgumentException(
          "file '" + name + "' has a mode beyond 07777: 0" + Integer.toOctalString(mode));
    }
    if (!DIGEST.matcher(digest).matches()) {
      throw new IllegalArgumentException(
          "file '" + name + "' needs a digest of 64 lower-case hex digits, not '" + digest + "'");
    }
  }

  /** Checks a file name alone, for callers that do not have the digest yet. */
  public static void requireName(String name) {
    if (!NAME.matcher(name).matches() || UNSAFE_PART.matcher(name).find()) {
      throw new IllegalArgumentException(
          "'"
              + name
              + "' cannot name a snapshot's file: it must be a relative path of printable ASCII,"
              + " at most "
              + MAX_NAME_CHARS
              + " characters, without empty, '.' or '..' parts");
    }
  }
}
