package dev.rekindle.store.tier;

import dev.rekindle.store.io.DurableFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Snapshots that were deleted here and may still be in the shared store, since that did not answer:
 * one empty file each, so that they stay deleted across a crash.
 */
final class Removals {
  private static final String SEPARATOR = "_"; // neither in an identity nor in an id

  private final Path directory;

  /** Identity by id. */
  private final Map<String, String> pending = new ConcurrentHashMap<>();

  Removals(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        String[] parts = file.getFileName().toString().split(SEPARATOR, 2);
        if (parts.length == 2) {
          pending.put(parts[1], parts[0]);
        }
      }
    }
  }

  /**
   * One of them.
   *
   * @param identity the snapshot's identity
   * @param id its id
   */
  record Removal(String identity, String id) {}

  void add(String identity, String id) throws IOException {
    pending.put(id, identity);
    Path file = file(identity, id);
    if (!Files.exists(file)) {
      DurableFiles.write(file, new byte[0]);
      DurableFiles.sync(directory);
    }
  }

  /** The shared store does not have it any more. */
  void done(String identity, String id) throws IOException {
    Files.deleteIfExists(file(identity, id));
    DurableFiles.sync(directory);
    pending.remove(id);
  }

  boolean contains(String id) {
    return pending.containsKey(id);
  }

  List<Removal> pending() {
    var all = new ArrayList<Removal>();
    pending.forEach((id, identity) -> all.add(new Removal(identity, id)));
    return all;
  }

  private Path file(String identity, String id) {
    return directory.resolve(identity + SEPARATOR + id);
  }
}
