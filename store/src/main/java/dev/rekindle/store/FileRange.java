package dev.rekindle.store;

/**
 * A part of a snapshot's file.
 *
 * @param file the file's name in the manifest
 * @param offset where the part begins, in bytes
 * @param bytes its length
 */
public record FileRange(String file, long offset, long bytes) {
  /** Checks the numbers. */
  public FileRange {
    if (offset < 0 || bytes < 0 || offset > Long.MAX_VALUE - bytes) {
      throw new IllegalArgumentException(
          "not a range of a file: %s %d %d".formatted(file, offset, bytes));
    }
  }
}
