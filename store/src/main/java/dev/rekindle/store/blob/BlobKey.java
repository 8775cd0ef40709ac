package dev.rekindle.store.blob;

import java.util.regex.Pattern;

/**
 * The name of a blob: segments joined by {@code /}, each of 1 to {@value #MOST_SEGMENT_BYTES}
 * letters, digits, dots, hyphens, underscores and equals signs, and neither {@code .} nor {@code
 * ..}. At most {@value #MOST_BYTES} bytes in all. These characters mean the same in a URL, a
 * signature and a file name, so that no back end needs to escape them.
 *
 * <p>Some S3 servers keep objects in directories and cannot have {@code a} and {@code a/b} at once:
 * use no key that is also the beginning of another one's path.
 */
public final class BlobKey {
  /** S3 allows 1024, of which the node's prefix takes a part. */
  public static final int MOST_BYTES = 512;

  /** File systems allow 255, of which back ends keep some for themselves. */
  public static final int MOST_SEGMENT_BYTES = 200;

  private static final Pattern KEY =
      Pattern.compile(
          "(?:(?!\\.{1,2}(?:/|$))[A-Za-z0-9._=-]{1,%d}(?:/(?!$)|$))+"
              .formatted(MOST_SEGMENT_BYTES));
  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._=/-]*");

  private BlobKey() {}

  /** Whether this is a well-formed key. */
  public static boolean isValid(String key) {
    return key.length() <= MOST_BYTES && KEY.matcher(key).matches();
  }

  /**
   * Checks a key.
   *
   * @throws IllegalArgumentException if it is ill-formed
   */
  public static void check(String key) {
    if (!isValid(key)) {
      throw new IllegalArgumentException(
          "'" + key + "' is no blob key: use segments of A-Z a-z 0-9 . _ = - joined by '/'");
    }
  }

  /**
   * Checks the beginning of a key.
   *
   * @throws IllegalArgumentException if no key begins so
   */
  public static void checkPrefix(String prefix) {
    if (prefix.length() > MOST_BYTES || !PREFIX.matcher(prefix).matches()) {
      throw new IllegalArgumentException(
          "'" + prefix + "' begins no blob key: use A-Z a-z 0-9 . _ = - and '/'");
    }
  }
}
