package dev.rekindle.store.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/** What Linux knows of files and the JDK does not: allocated blocks and holes. */
public final class FileCalls {
  /** The calls; their arguments have the same layout on every 64-bit architecture. */
  public interface LibC {
    /** See statx(2). */
    int statx(int directory, String path, int flags, int mask, Pointer statx);

    /** See open(2). */
    int open(String path, int flags);

    /** See lseek(2). */
    long lseek(int descriptor, long offset, int whence);

    /** See close(2). */
    int close(int descriptor);
  }

  /** The unit of {@link #blocks}. */
  static final long BLOCK_BYTES = 512;

  // From linux/fcntl.h, linux/stat.h and linux/fs.h.
  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int STATX_BASIC_STATS = 0x7ff;
  private static final int STATX_BLOCKS = 0x400;
  private static final int STATX_BYTES = 256;
  private static final int STX_MODE_OFFSET = 28;
  private static final int STX_INO_OFFSET = 32;
  private static final int STX_SIZE_OFFSET = 40;
  private static final int STX_BLOCKS_OFFSET = 48;
  private static final int STX_CTIME_OFFSET = 96;
  private static final int STX_MTIME_OFFSET = 112;
  private static final int STX_DEV_OFFSET = 136; // major and minor, 32 bits each
  private static final int O_CLOEXEC = 02000000;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final int ENOENT = 2;
  private static final int ENXIO = 6;
  private static final int ENOTDIR = 20;

  private static final LibC LIBC = LibraryLoader.create(LibC.class).load("c");

  /** One for each thread: a restore reads the stamps of some sixty files. */
  private static final ThreadLocal<Pointer> STATX =
      ThreadLocal.withInitial(
          () -> Memory.allocateDirect(Runtime.getRuntime(LIBC), STATX_BYTES, true));

  private FileCalls() {}

  /** The stamp of a file, in one call: the JDK has no ctime but in a slow map of attributes. */
  static FileStamp stamp(Path file) throws IOException {
    // SAFETY: the kernel writes sizeof(struct statx) = 256 bytes, the size of the buffer, which
    // belongs to this thread.
    Pointer statx = STATX.get();
    if (LIBC.statx(AT_FDCWD, file.toString(), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, statx) != 0) {
      int error = Runtime.getRuntime(LIBC).getLastError();
      if (error == ENOENT || error == ENOTDIR) {
        throw new NoSuchFileException(file.toString());
      }
      throw failed("statx", file);
    }
    return new FileStamp(
        statx.getLong(STX_DEV_OFFSET),
        statx.getLong(STX_INO_OFFSET),
        statx.getLong(STX_SIZE_OFFSET),
        statx.getShort(STX_MODE_OFFSET) & 0xffff,
        time(statx, STX_MTIME_OFFSET),
        time(statx, STX_CTIME_OFFSET));
  }

  private static Instant time(Pointer statx, int offset) {
    return Instant.ofEpochSecond(statx.getLong(offset), statx.getInt(offset + Long.BYTES));
  }

  /** Blocks that a file takes on disk, or -1 if it is gone. */
  static long blocks(Path file) throws IOException {
    // SAFETY: the kernel writes sizeof(struct statx) = 256 bytes, the size of the buffer, which is
    // reachable until it has been read.
    Pointer statx = Memory.allocateDirect(Runtime.getRuntime(LIBC), STATX_BYTES, true);
    if (LIBC.statx(AT_FDCWD, file.toString(), AT_SYMLINK_NOFOLLOW, STATX_BLOCKS, statx) == 0) {
      return statx.getLong(STX_BLOCKS_OFFSET);
    }
    if (Files.notExists(file)) {
      return -1;
    }
    throw failed("statx", file);
  }

  /** Takes each part of a file that is no hole. */
  public interface ExtentReader {
    /** Takes the bytes from {@code start} up to, not including, {@code end}. */
    void extent(long start, long end) throws IOException;
  }

  /** Goes through a file's data in order, over its holes. */
  public static void extents(Path file, ExtentReader reader) throws IOException {
    // SAFETY: a descriptor of our own, closed below; the calls touch no memory but the path, which
    // jnr-ffi copies.
    int descriptor = LIBC.open(file.toString(), O_CLOEXEC);
    if (descriptor < 0) {
      throw failed("open", file);
    }
    try {
      long start = seek(descriptor, 0, SEEK_DATA, file);
      while (start >= 0) {
        long end = seek(descriptor, start, SEEK_HOLE, file);
        reader.extent(start, end);
        start = seek(descriptor, end, SEEK_DATA, file);
      }
    } finally {
      LIBC.close(descriptor);
    }
  }

  /** The next offset of the kind, or -1 if there is none before the file's end. */
  private static long seek(int descriptor, long from, int whence, Path file) throws IOException {
    // SAFETY: a descriptor of our own; no memory is passed.
    long found = LIBC.lseek(descriptor, from, whence);
    if (found < 0 && Runtime.getRuntime(LIBC).getLastError() != ENXIO) {
      throw failed("lseek", file);
    }
    return found;
  }

  private static IOException failed(String call, Path file) {
    return new IOException(
        call + " of " + file + " failed, errno " + Runtime.getRuntime(LIBC).getLastError());
  }
}
