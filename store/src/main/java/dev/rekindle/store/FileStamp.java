package dev.rekindle.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel says about a file without reading it. Two equal stamps mean that nobody wrote,
 * replaced, renamed over or chmod-ed the file in between: any of these moves ctime, which no
 * program can set back.
 */
record FileStamp(
    long device, long inode, long bytes, int mode, FileTime modified, FileTime changed) {
  private static final int PERMISSION_BITS = 07777;

  /** Reads the stamp of a file; does not follow symbolic links. */
  static FileStamp of(Path file) throws IOException {
    var unix =
        Files.readAttributes(
            file, "unix:dev,ino,size,mode,lastModifiedTime,ctime", LinkOption.NOFOLLOW_LINKS);
    return new FileStamp(
        ((Number) required(unix.get("dev"))).longValue(),
        ((Number) required(unix.get("ino"))).longValue(),
        ((Number) required(unix.get("size"))).longValue(),
        ((Number) required(unix.get("mode"))).intValue(),
        (FileTime) required(unix.get("lastModifiedTime")),
        (FileTime) required(unix.get("ctime")));
  }

  private static Object required(@Nullable Object attribute) {
    return Objects.requireNonNull(attribute);
  }

  /** The permission bits, without the file's type. */
  int permissions() {
    return mode & PERMISSION_BITS;
  }
}
