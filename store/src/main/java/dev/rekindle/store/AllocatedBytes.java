package dev.rekindle.store;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.AtomicLong;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.jspecify.annotations.Nullable;

/** Bytes that the files of a tree take on disk, from statx(2): the JDK knows no block counts. */
final class AllocatedBytes {
  /** The one call that is needed; its struct has the same layout on every architecture. */
  public interface LibC {
    /** See statx(2). */
    int statx(int directory, String path, int flags, int mask, Pointer statx);
  }

  // From linux/fcntl.h and linux/stat.h.
  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int STATX_BLOCKS = 0x400;
  private static final int STATX_BYTES = 256;
  private static final int STX_BLOCKS_OFFSET = 48;
  private static final long BLOCK_BYTES = 512;

  private static final LibC LIBC = LibraryLoader.create(LibC.class).load("c");

  private AllocatedBytes() {}

  /** Sums up a tree's files. Files that disappear meanwhile do not count. */
  static long of(Path tree) throws IOException {
    var sum = new AtomicLong();
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            sum.addAndGet(blocks(file) * BLOCK_BYTES);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            return ignoreMissing(failure);
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            return failure == null ? FileVisitResult.CONTINUE : ignoreMissing(failure);
          }
        });
    return sum.get();
  }

  private static FileVisitResult ignoreMissing(IOException failure) throws IOException {
    if (failure instanceof NoSuchFileException) {
      return FileVisitResult.CONTINUE;
    }
    throw failure;
  }

  private static long blocks(Path file) throws IOException {
    // SAFETY: the kernel writes sizeof(struct statx) = 256 bytes, the size of the buffer, which is
    // reachable until it has been read.
    Pointer statx = Memory.allocateDirect(Runtime.getRuntime(LIBC), STATX_BYTES, true);
    if (LIBC.statx(AT_FDCWD, file.toString(), AT_SYMLINK_NOFOLLOW, STATX_BLOCKS, statx) == 0) {
      return statx.getLong(STX_BLOCKS_OFFSET);
    }
    if (Files.notExists(file)) {
      return 0;
    }
    throw new IOException(
        "statx of " + file + " failed, errno " + Runtime.getRuntime(LIBC).getLastError());
  }
}
