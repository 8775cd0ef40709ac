package dev.rekindle.orchestrator;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The directory that a service keeps everything in, owned by one service at a time.
 *
 * <p>The engine's sockets lie elsewhere, since their paths must be short: in a directory below
 * {@code /run/rekindle} whose name follows from the data directory's. So a service that follows a
 * killed one finds and removes what that one left.
 */
public final class DataDirectory {
  private static final Path RUN = Path.of("/run/rekindle");

  private final Path root;
  private final FileChannel lockFile;
  private final @Nullable FileLock lock;

  private DataDirectory(Path root, FileChannel lockFile, @Nullable FileLock lock) {
    this.root = root;
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /** Makes the directory if need be, and takes it. */
  static DataDirectory claim(Path root) throws IOException {
    Files.createDirectories(root);
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
    FileChannel file =
        FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = tryLock(file);
    if (lock == null) {
      file.close();
      throw new StartupException(
          "the data directory %s is in use by another service: choose another with --data-dir"
              .formatted(root),
          new IOException("locked"));
    }
    DataDirectory data = new DataDirectory(root, file, lock);
    Files.createDirectories(RUN);
    return data;
  }

  private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
    try {
      return file.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  Path functions() {
    return root.resolve("functions");
  }

  Path snapshots() {
    return root.resolve("snapshots");
  }

  public Path blobs() {
    return blobs(root);
  }

  /** Where blobs are kept in a data directory, if no other store is configured. */
  public static Path blobs(Path root) {
    return root.resolve("blobs");
  }

  Path bootstraps() {
    return root.resolve("runtime");
  }

  Path engineWork() {
    return root.resolve("work");
  }

  Path engineState() {
    return engineState(root);
  }

  /** Where the engine's sockets lie for a data directory, given as an absolute path. */
  static Path engineState(Path root) {
    CRC32 crc = new CRC32();
    crc.update(root.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    return RUN.resolve(Long.toHexString(crc.getValue()));
  }

  /** Gives the directory to the next service. */
  void release() {
    try {
      Files.deleteIfExists(RUN); // only if no other service has its sockets there
    } catch (IOException e) {
      // Not empty, or gone: both are fine.
    }
    try {
      if (lock != null) {
        lock.release();
      }
      lockFile.close();
    } catch (IOException e) {
      // The process ends; the kernel gives the lock back.
    }
  }
}
