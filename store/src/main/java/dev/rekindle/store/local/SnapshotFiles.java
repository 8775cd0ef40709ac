package dev.rekindle.store.local;

import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreException.Reason;
import dev.rekindle.store.StoredFile;
import dev.rekindle.store.io.ContentDigest;
import dev.rekindle.store.io.FileStamp;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** The files of one snapshot in a directory: described at commit, compared when read. */
final class SnapshotFiles {
  private final String id;
  private final Path directory;

  SnapshotFiles(String id, Path directory) {
    this.id = id;
    this.directory = directory;
  }

  /** What a commit found: the manifest's lines, and the stamps taken around the digests. */
  record Described(List<StoredFile> files, Map<String, FileStamp> stamps) {}

  /**
   * Digests every file. One after the other: nearly all bytes of a snapshot are in one memory file,
   * so threads for each file would gain nothing.
   */
  Described describe() throws IOException, StoreException {
    var files = new ArrayList<StoredFile>();
    var stamps = new LinkedHashMap<String, FileStamp>();
    for (String name : names(Reason.INVALID_DRAFT)) {
      Path file = directory.resolve(name);
      var stamp = FileStamp.of(file);
      String digest = ContentDigest.of(file);
      if (!stamp.equals(FileStamp.of(file))) {
        throw failure(Reason.INVALID_DRAFT, name, "is still being written");
      }
      files.add(new StoredFile(name, stamp.bytes(), stamp.permissions(), digest));
      stamps.put(name, stamp);
    }
    return new Described(files, stamps);
  }

  /**
   * Compares the directory with a manifest's files.
   *
   * @param known stamps of files and directories that were found right before; what has the same
   *     stamp still is not read again
   * @return the stamps of all files and directories, to be passed in next time
   * @throws StoreException {@link Reason#DAMAGED} on the first difference
   */
  Map<String, FileStamp> verify(List<StoredFile> expected, Map<String, FileStamp> known)
      throws IOException, StoreException {
    var stamps = directories(expected);
    if (!known.entrySet().containsAll(stamps.entrySet())) {
      verifyNames(expected);
    }
    for (var file : expected) {
      stamps.put(file.name(), verify(file, known));
    }
    return stamps;
  }

  /** A file that comes or goes moves the mtime of its directory. Their names end in a slash. */
  private Map<String, FileStamp> directories(List<StoredFile> files) throws IOException {
    var stamps = new LinkedHashMap<String, FileStamp>();
    stamps.put("/", FileStamp.of(directory));
    for (var file : files) {
      for (int end = file.name().lastIndexOf('/');
          end > 0;
          end = file.name().lastIndexOf('/', end - 1)) {
        String name = file.name().substring(0, end + 1);
        if (!stamps.containsKey(name)) {
          stamps.put(name, FileStamp.of(directory.resolve(name)));
        }
      }
    }
    return stamps;
  }

  private void verifyNames(List<StoredFile> expected) throws IOException, StoreException {
    var found = names(Reason.DAMAGED);
    for (var file : expected) {
      if (!found.remove(file.name())) {
        throw failure(Reason.DAMAGED, file.name(), "is missing");
      }
    }
    if (!found.isEmpty()) {
      throw failure(Reason.DAMAGED, found.first(), "is not in its manifest");
    }
  }

  private FileStamp verify(StoredFile file, Map<String, FileStamp> known)
      throws IOException, StoreException {
    Path path = directory.resolve(file.name());
    var stamp = FileStamp.of(path);
    if (stamp.equals(known.get(file.name()))) {
      return stamp;
    }
    if (stamp.bytes() != file.bytes()) {
      throw failure(
          Reason.DAMAGED,
          file.name(),
          "has " + stamp.bytes() + " bytes instead of " + file.bytes());
    }
    if (stamp.permissions() != file.mode()) {
      throw failure(
          Reason.DAMAGED,
          file.name(),
          String.format("has mode %04o instead of %04o", stamp.permissions(), file.mode()));
    }
    if (!ContentDigest.of(path).equals(file.digest())) {
      throw failure(Reason.DAMAGED, file.name(), "does not have the content that was committed");
    }
    if (!stamp.equals(FileStamp.of(path))) {
      throw failure(Reason.DAMAGED, file.name(), "changed while it was verified");
    }
    return stamp;
  }

  private SortedSet<String> names(Reason reason) throws IOException, StoreException {
    var names = new TreeSet<String>();
    var others = new TreeSet<String>();
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            (attributes.isRegularFile() ? names : others)
                .add(directory.relativize(file).toString());
            return FileVisitResult.CONTINUE;
          }
        });
    if (!others.isEmpty()) {
      throw failure(reason, others.first(), "is not a regular file");
    }
    for (String name : names) {
      try {
        StoredFile.requireName(name);
      } catch (IllegalArgumentException e) {
        throw failure(reason, name, "has an unusable name: " + e.getMessage());
      }
    }
    return names;
  }

  private StoreException failure(Reason reason, String name, String what) {
    String advice =
        reason == Reason.DAMAGED
            ? "delete the snapshot and checkpoint again"
            : "take it out of the draft's directory, or finish it, before the commit";
    return new StoreException(
        reason, "snapshot '" + id + "': file '" + name + "' " + what + "; " + advice);
  }
}
