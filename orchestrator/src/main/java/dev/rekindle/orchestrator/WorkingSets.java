package dev.rekindle.orchestrator;

import dev.rekindle.engine.WorkingSet;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the first lazy restores of each snapshot needed before their first response: one small file
 * each. A lost or damaged one costs time, never bytes. Blocking.
 */
final class WorkingSets {
  private static final Logger LOG = System.getLogger(WorkingSets.class.getName());

  private final Path directory;

  WorkingSets(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
  }

  /** The record of a snapshot, if there is a sound one. */
  Optional<WorkingSet> find(String snapshotId) {
    Path file = file(snapshotId);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(WorkingSet.read(file));
    } catch (IOException e) {
      LOG.log(
          Logger.Level.WARNING,
          "event=working-set-unreadable snapshot={0} error={1}",
          snapshotId,
          e.getMessage());
      return Optional.empty();
    }
  }

  /** Keeps the record of a snapshot. */
  void keep(String snapshotId, WorkingSet workingSet) throws IOException {
    workingSet.write(file(snapshotId));
  }

  /** Forgets a snapshot that is gone. */
  void delete(String snapshotId) throws IOException {
    Files.deleteIfExists(file(snapshotId));
  }

  private Path file(String snapshotId) {
    return directory.resolve(snapshotId);
  }
}
