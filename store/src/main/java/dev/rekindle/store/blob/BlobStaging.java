package dev.rekindle.store.blob;

import dev.rekindle.store.io.DurableFiles;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where one process writes blobs before they appear: a directory under a random name, and beside it
 * a file that the process keeps locked. A directory whose lock is free was left by a process that
 * is no more.
 */
final class BlobStaging implements AutoCloseable {
  private static final Logger LOG = System.getLogger(BlobStaging.class.getName());
  private static final String LOCK = ".lock";
  private static final int MOST_ATTEMPTS = 10;

  /**
   * Names in use by this process. To open one of its own lock files a second time and close it
   * would give up the process's lock.
   */
  private static final Set<String> OWN = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final Path lockFile;
  private final FileChannel lock;
  private final String name;
  private final AtomicLong files = new AtomicLong();

  private BlobStaging(Path directory, Path lockFile, FileChannel lock, String name) {
    this.directory = directory;
    this.lockFile = lockFile;
    this.lock = lock;
    this.name = name;
  }

  /** Makes a place for this process under a directory, and removes those of dead processes. */
  static BlobStaging open(Path parent) throws IOException {
    Files.createDirectories(parent);
    removeAbandoned(parent);
    for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      var staging = tryOpen(parent, UUID.randomUUID().toString());
      if (staging.isPresent()) {
        return staging.get();
      }
    }
    throw new IOException(
        "every new lock file in " + parent + " is removed at once; look which process does so");
  }

  /** Empty when another process took the new lock file for an abandoned one. */
  private static Optional<BlobStaging> tryOpen(Path parent, String name) throws IOException {
    Path lockFile = parent.resolve(name + LOCK);
    OWN.add(name);
    FileChannel lock = null;
    boolean opened = false;
    try {
      lock = FileChannel.open(lockFile, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      if (lock.tryLock() == null || !Files.exists(lockFile)) {
        return Optional.empty();
      }
      var staging =
          new BlobStaging(Files.createDirectory(parent.resolve(name)), lockFile, lock, name);
      opened = true;
      return Optional.of(staging);
    } finally {
      if (!opened) {
        if (lock != null) {
          lock.close();
        }
        OWN.remove(name);
      }
    }
  }

  private static void removeAbandoned(Path parent) throws IOException {
    try (var children = Files.newDirectoryStream(parent, "*" + LOCK)) {
      for (Path lockFile : children) {
        String file = String.valueOf(lockFile.getFileName());
        String name = file.substring(0, file.length() - LOCK.length());
        if (!OWN.contains(name)) {
          removeIfAbandoned(parent.resolve(name), lockFile);
        }
      }
    }
  }

  private static void removeIfAbandoned(Path directory, Path lockFile) throws IOException {
    try (var lock = FileChannel.open(lockFile, StandardOpenOption.WRITE)) {
      if (lock.tryLock() != null) {
        LOG.log(Level.INFO, "event=leftover-removed path={0}", directory);
        DurableFiles.deleteTree(directory);
        Files.deleteIfExists(lockFile);
      }
    } catch (NoSuchFileException e) {
      // Another process was faster.
    }
  }

  /** The path of a file that is not there yet. */
  Path newFile() {
    return directory.resolve(Long.toString(files.incrementAndGet()));
  }

  /** Removes the place. */
  @Override
  public void close() {
    try {
      DurableFiles.deleteTree(directory);
      Files.deleteIfExists(lockFile);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "event=staging-kept path={0} cause={1}", directory, e);
    } finally {
      try {
        lock.close();
      } catch (IOException e) {
        LOG.log(Level.WARNING, "event=lock-close-failed path={0} cause={1}", lockFile, e);
      }
      OWN.remove(name);
    }
  }
}
