package dev.rekindle.store.io;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;

/**
 * What the kernel says about a file without reading it. Two equal stamps mean that nobody wrote,
 * replaced, renamed over or chmod-ed the file in between: any of these moves ctime, which no
 * program can set back.
 */
public record FileStamp(
    long device, long inode, long bytes, int mode, Instant modified, Instant changed) {
  private static final int PERMISSION_BITS = 07777;

  /**
   * Reads the stamp of a file or directory; does not follow symbolic links.
   *
   * @throws java.nio.file.NoSuchFileException if there is none
   */
  public static FileStamp of(Path file) throws IOException {
    return FileCalls.stamp(file);
  }

  /** The permission bits, without the file's type. */
  public int permissions() {
    return mode & PERMISSION_BITS;
  }
}
