package dev.rekindle.store.local;

import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreException.Reason;
import dev.rekindle.store.io.DurableFiles;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The directory of a filesystem store and the right to it: {@code snapshots/} with the published
 * snapshots, {@code staging/} with drafts, {@code trash/} with what is being removed, and {@code
 * lock}. All on one file system, so that a snapshot moves between them in one rename.
 */
final class StoreRoot implements AutoCloseable {
  private static final Logger LOG = System.getLogger(StoreRoot.class.getName());

  /**
   * Roots that this process owns, by device and inode. Needed beside the lock: closing a second
   * descriptor of a locked file would give up the process's lock.
   */
  private static final Set<Object> OWNED = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final Object key;
  private final FileChannel lock;
  private final AtomicLong discarded = new AtomicLong();

  private StoreRoot(Path path, Object key, FileChannel lock) {
    this.path = path;
    this.key = key;
    this.lock = lock;
  }

  /** Takes a root over, made if need be, and removes what a crash left half done. */
  static StoreRoot open(Path root) throws IOException, StoreException {
    Path path = Files.createDirectories(root).toRealPath();
    Object key =
        Objects.requireNonNull(
            Files.readAttributes(path, BasicFileAttributes.class).fileKey(),
            "file systems on Linux have file keys");
    if (!OWNED.add(key)) {
      throw inUse(path, "this process");
    }
    try {
      var opened = new StoreRoot(path, key, lock(path));
      try {
        opened.recover();
        return opened;
      } catch (IOException | RuntimeException e) {
        opened.lock.close();
        throw e;
      }
    } catch (IOException | StoreException | RuntimeException e) {
      OWNED.remove(key);
      throw e;
    }
  }

  private static FileChannel lock(Path path) throws IOException, StoreException {
    var channel =
        FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() == null) {
        throw inUse(path, "another process");
      }
      return channel;
    } catch (IOException | StoreException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private void recover() throws IOException {
    for (Path directory : List.of(snapshots(), staging(), trash())) {
      Files.createDirectories(directory);
    }
    DurableFiles.sync(path);
    for (Path directory : List.of(staging(), trash())) {
      for (Path leftover : children(directory)) {
        LOG.log(Level.INFO, "event=leftover-removed path={0}", leftover);
        DurableFiles.deleteTree(leftover);
      }
    }
    for (var home : published()) {
      if (home.isArriving()) {
        LOG.log(Level.INFO, "event=arrival-discarded snapshot={0}", home.id());
        discard(home.path());
      } else if (home.isCondemned()) {
        LOG.log(Level.INFO, "event=deletion-finished snapshot={0}", home.id());
        discard(home.path());
      }
    }
  }

  /** The directories that bear a snapshot's id, whatever is in them. */
  List<SnapshotHome> published() throws IOException {
    var homes = new ArrayList<SnapshotHome>();
    for (Path child : children(snapshots())) {
      String name = String.valueOf(child.getFileName());
      if (Files.isDirectory(child) && SnapshotManifest.isValidId(name)) {
        homes.add(new SnapshotHome(name, child));
      } else {
        LOG.log(Level.WARNING, "event=foreign-file-ignored path={0}", child);
      }
    }
    return homes;
  }

  /** Where a snapshot is once it is published. */
  SnapshotHome published(String id) {
    return new SnapshotHome(id, snapshots().resolve(id));
  }

  /** Makes an empty place for a draft. */
  SnapshotHome stage(String id) throws IOException {
    var home = new SnapshotHome(id, staging().resolve(id));
    DurableFiles.deleteTree(home.path());
    Files.createDirectories(home.files());
    return home;
  }

  /**
   * Removes a directory: durably out of its place in one rename, then its bytes. Bytes that cannot
   * be removed now are removed when the root is opened next.
   */
  void discard(Path directory) throws IOException {
    Path target = trash().resolve(directory.getFileName() + "." + discarded.incrementAndGet());
    DurableFiles.move(directory, target);
    try {
      DurableFiles.deleteTree(target);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "event=trash-kept path={0} cause={1}", target, e);
    }
  }

  /** The root itself, without symbolic links. */
  Path path() {
    return path;
  }

  /** Gives the root up. */
  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "event=lock-close-failed root={0} cause={1}", path, e);
    } finally {
      OWNED.remove(key);
    }
  }

  private Path snapshots() {
    return path.resolve("snapshots");
  }

  private Path staging() {
    return path.resolve("staging");
  }

  private Path trash() {
    return path.resolve("trash");
  }

  private static List<Path> children(Path directory) throws IOException {
    var children = new ArrayList<Path>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(children::add);
    }
    return children;
  }

  private static StoreException inUse(Path path, String owner) {
    return new StoreException(
        Reason.IN_USE,
        "the snapshot store at "
            + path
            + " is in use by "
            + owner
            + "; stop that one, or give this one a directory of its own");
  }
}
