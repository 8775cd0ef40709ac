package dev.rekindle.store.blob;

import dev.rekindle.store.StorageFailure;
import dev.rekindle.store.blob.BlobException.Reason;
import dev.rekindle.store.io.DurableFiles;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps blobs in a directory, each in a file of its own. Several processes may use the directory at
 * once: a blob is written elsewhere on the same file system and appears by one link or rename.
 *
 * <p>Longer than most classes here: each method is one operation of the interface.
 */
public final class FilesystemBlobs implements BlobStore {
  private static final Logger LOG = System.getLogger(FilesystemBlobs.class.getName());

  /**
   * Ends the name of a blob's file, and is in no key: so that a blob and the directory of longer
   * keys never have the same name.
   */
  private static final String SUFFIX = "~";

  /** Others can remove a directory so often in a row only if something else is wrong. */
  private static final int MOST_TRIES = 1_000;

  private final Path blobs;
  private final BlobStaging staging;
  private volatile boolean closed;

  private FilesystemBlobs(Path blobs, BlobStaging staging) {
    this.blobs = blobs;
    this.staging = staging;
  }

  /**
   * Opens a store, and removes what processes that are no more have left half written.
   *
   * @param directory the store's own directory, made if need be
   * @throws BlobException {@link Reason#ACCESS_DENIED} and the like when it cannot be used
   */
  public static FilesystemBlobs open(Path directory) throws BlobException {
    try {
      Path root = Files.createDirectories(directory).toRealPath();
      Path blobs = Files.createDirectories(root.resolve("blobs"));
      var staging = BlobStaging.open(root.resolve("staging"));
      DurableFiles.sync(root);
      return new FilesystemBlobs(blobs, staging);
    } catch (IOException e) {
      throw failure("opening the blob store", directory, e);
    }
  }

  @Override
  public void put(String key, byte[] bytes, Condition condition) throws BlobException {
    put(
        key,
        condition,
        staged -> {
          try (var out = openNew(staged)) {
            var remaining = ByteBuffer.wrap(bytes);
            while (remaining.hasRemaining()) {
              out.write(remaining);
            }
            out.force(true);
          }
        });
  }

  @Override
  public void put(String key, Path file, Condition condition) throws BlobException {
    put(
        key,
        condition,
        staged -> {
          try (var in = FileChannel.open(file, StandardOpenOption.READ);
              var out = openNew(staged)) {
            long bytes = in.size();
            for (long done = 0; done < bytes; ) {
              long moved = in.transferTo(done, bytes - done, out);
              if (moved <= 0) {
                throw new IOException(file + " became shorter while it was read");
              }
              done += moved;
            }
            out.force(true);
          }
        });
  }

  private interface Content {
    void write(Path staged) throws IOException;
  }

  private void put(String key, Condition condition, Content content) throws BlobException {
    Path target = fileOf(key);
    try {
      if (condition == Condition.IF_ABSENT && Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
        throw new FileAlreadyExistsException(target.toString());
      }
      Path staged = staging.newFile();
      try {
        content.write(staged);
        appear(staged, target, condition);
      } finally {
        Files.deleteIfExists(staged);
      }
      syncUpwards(target.getParent());
    } catch (FileAlreadyExistsException e) {
      throw new BlobException(
          Reason.ALREADY_EXISTS,
          "putting blob '" + key + "' failed: there is one by that key in " + this,
          e);
    } catch (IOException e) {
      throw failed("putting", key, e);
    }
  }

  /** Tries again while other callers remove the directory, or those above it, as empty. */
  private static void appear(Path staged, Path target, Condition condition) throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        Files.createDirectories(target.getParent());
      } catch (FileAlreadyExistsException | NoSuchFileException e) {
        if (tries < MOST_TRIES) {
          continue; // there when it was to be made, and gone when it was looked at
        }
        throw new IOException("its directory cannot be made", e);
      }
      try {
        if (condition == Condition.IF_ABSENT) {
          Files.createLink(target, staged);
        } else {
          Files.move(
              staged, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        return;
      } catch (NoSuchFileException e) {
        if (!Files.exists(staged) || tries >= MOST_TRIES) {
          throw e;
        }
      }
    }
  }

  /**
   * Brings the names to the medium, up to the root. Also those of directories that were there: who
   * made them may not have come to it yet. A directory without changes costs next to nothing.
   */
  private void syncUpwards(@Nullable Path changed) throws IOException {
    for (Path path = changed; path != null && path.startsWith(blobs); path = path.getParent()) {
      try {
        DurableFiles.sync(path);
      } catch (NoSuchFileException e) {
        // Removed as empty by now, and the blob with it.
      }
    }
  }

  @Override
  public byte[] get(String key, int mostBytes) throws BlobException {
    try (var in = FileChannel.open(fileOf(key), StandardOpenOption.READ)) {
      long bytes = in.size();
      if (bytes > mostBytes) {
        throw tooLarge(key, bytes, mostBytes, this);
      }
      var target = ByteBuffer.allocate((int) bytes);
      read(in, key, 0, target);
      return target.array();
    } catch (IOException e) {
      throw failed("getting", key, e);
    }
  }

  @Override
  public void get(String key, long offset, ByteBuffer target) throws BlobException {
    requireOffset(offset);
    int start = target.position();
    try (var in = FileChannel.open(fileOf(key), StandardOpenOption.READ)) {
      read(in, key, offset, target);
    } catch (IOException e) {
      target.position(start);
      throw failed("getting", key, e);
    } catch (BlobException e) {
      target.position(start);
      throw e;
    }
  }

  private void read(FileChannel in, String key, long offset, ByteBuffer target)
      throws IOException, BlobException {
    long end = offset + target.remaining();
    if (offset > in.size()) {
      throw endsEarly(key, in.size(), end, this);
    }
    for (long position = offset; target.hasRemaining(); ) {
      int count = in.read(target, position);
      if (count < 0) {
        throw endsEarly(key, in.size(), end, this);
      }
      position += count;
    }
  }

  @Override
  public Optional<BlobInfo> head(String key) throws BlobException {
    Path file = fileOf(key);
    try {
      var found = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return Optional.of(info(key, found));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw failed("looking at", key, e);
    }
  }

  private static BlobInfo info(String key, BasicFileAttributes found) {
    return new BlobInfo(key, found.size(), found.lastModifiedTime().toInstant());
  }

  @Override
  public void list(String prefix, Listing listing) throws BlobException {
    requireOpen();
    BlobKey.checkPrefix(prefix);
    String directory = prefix.substring(0, prefix.lastIndexOf('/') + 1);
    try {
      list(blobs.resolve(directory), directory, prefix, listing);
    } catch (IOException e) {
      throw failed("listing", prefix, e);
    }
  }

  private void list(Path directory, String parents, String prefix, Listing listing)
      throws IOException, BlobException {
    try (var children = Files.newDirectoryStream(directory)) {
      for (Path child : children) {
        String name = String.valueOf(child.getFileName());
        var found = attributes(child);
        if (found == null) {
          continue;
        }
        if (found.isDirectory()) {
          String path = parents + name + "/";
          if (path.startsWith(prefix) || prefix.startsWith(path)) {
            list(child, path, prefix, listing);
          }
        } else if (found.isRegularFile() && name.endsWith(SUFFIX)) {
          String key = parents + name.substring(0, name.length() - SUFFIX.length());
          if (key.startsWith(prefix)) {
            listing.blob(info(key, found));
          }
        } else {
          LOG.log(Level.WARNING, "event=foreign-file-ignored path={0}", child);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      // No blob is there, or no longer.
    }
  }

  private static @Nullable BasicFileAttributes attributes(Path file) throws IOException {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  @Override
  public void delete(String key) throws BlobException {
    Path file = fileOf(key);
    try {
      if (Files.deleteIfExists(file)) {
        syncUpwards(removeEmpty(file.getParent()));
      }
    } catch (IOException e) {
      throw failed("deleting", key, e);
    }
  }

  /** Removes directories without content; returns the first that stays. */
  private @Nullable Path removeEmpty(@Nullable Path directory) throws IOException {
    Path path = directory;
    while (path != null && !path.equals(blobs)) {
      try {
        Files.deleteIfExists(path);
      } catch (DirectoryNotEmptyException e) {
        return path;
      }
      path = path.getParent();
    }
    return path;
  }

  @Override
  public void deleteAll(Collection<String> keys) throws BlobException {
    requireOpen();
    keys.forEach(BlobKey::check);
    BlobException first = null;
    for (String key : keys) {
      try {
        delete(key);
      } catch (BlobException e) {
        if (e.reason() == Reason.INTERRUPTED) {
          throw e;
        }
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }

  @Override
  public String toString() {
    return "directory " + blobs.getParent();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      staging.close();
    }
  }

  private Path fileOf(String key) {
    requireOpen();
    BlobKey.check(key);
    return blobs.resolve(key + SUFFIX);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the blob store in " + this + " is closed");
    }
  }

  private static FileChannel openNew(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /** Refuses an offset below 0. */
  public static void requireOffset(long offset) {
    if (offset < 0) {
      throw new IllegalArgumentException("the offset is " + offset + ", below 0");
    }
  }

  /** The failure of a blob that has more bytes than were expected. */
  public static BlobException tooLarge(String key, long bytes, long mostBytes, BlobStore store) {
    return new BlobException(
        Reason.UNEXPECTED_SIZE,
        "getting blob '%s' failed: it has %d bytes in %s, at most %d were expected"
            .formatted(key, bytes, store, mostBytes));
  }

  /** The failure of a blob that has fewer bytes than were expected. */
  public static BlobException endsEarly(String key, long bytes, long end, BlobStore store) {
    return new BlobException(
        Reason.UNEXPECTED_SIZE,
        "getting blob '%s' failed: it has %d bytes in %s, at least %d were expected"
            .formatted(key, bytes, store, end));
  }

  private BlobException failed(String action, String key, IOException cause) {
    String what = action + " blob '" + key + "'";
    if (cause instanceof NoSuchFileException && !action.equals("putting")) {
      return new BlobException(Reason.NOT_FOUND, what + " failed: there is none in " + this, cause);
    }
    return failure(what, blobs, cause);
  }

  private static BlobException failure(String what, Path directory, IOException cause) {
    if (cause instanceof ClosedByInterruptException) {
      return new BlobException(Reason.INTERRUPTED, what + " was interrupted", cause);
    }
    var explained = StorageFailure.of(what, directory, cause);
    Reason reason =
        switch (explained.reason()) {
          case NO_SPACE -> Reason.NO_SPACE;
          case NOT_WRITABLE -> Reason.ACCESS_DENIED;
          default -> Reason.IO_FAILED;
        };
    return new BlobException(reason, String.valueOf(explained.getMessage()), cause);
  }
}
