package dev.rekindle.engine.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * The host directories of one sandbox.
 *
 * @param work CRIU's work directory, with room for images
 */
public record SandboxDirectories(Path work) {
  private static final int ATTEMPTS = 9;
  private static final long FIRST_WAIT_NS = 1_000_000;

  void create() throws IOException {
    Files.createDirectories(work);
    Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwx------"));
  }

  void delete() {
    deleteTree(work);
  }

  /**
   * Deletes a directory and all below it. Tries again for half a second: a process that writes
   * there may be about to end.
   */
  public static void deleteTree(Path directory) {
    for (int attempt = 0; ; attempt++) {
      try (Stream<Path> tree = Files.walk(directory)) {
        List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
        for (Path path : deepestFirst) {
          Files.deleteIfExists(path);
        }
        return;
      } catch (NoSuchFileException e) {
        return;
      } catch (IOException | UncheckedIOException e) {
        if (attempt == ATTEMPTS) {
          System.getLogger(SandboxDirectories.class.getName())
              .log(
                  System.Logger.Level.WARNING,
                  "event=directory-left path={0} error={1}",
                  directory,
                  e.getMessage());
          return;
        }
        LockSupport.parkNanos(FIRST_WAIT_NS << attempt);
      }
    }
  }
}
