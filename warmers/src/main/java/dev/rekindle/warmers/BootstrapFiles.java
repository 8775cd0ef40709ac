package dev.rekindle.warmers;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** Copies bootstrap files out of this module's jar to where sandboxes can mount them. */
final class BootstrapFiles {
  /**
   * The time that all files get, to the second what src/main/cds/build.sh gives them: the JVM takes
   * an archive of classes only with jars as old as those it was made from.
   */
  private static final FileTime TIME = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));

  private BootstrapFiles() {}

  /**
   * Writes the files, readable by every user: functions run under a uid of their own. Replaces what
   * is there, for a newer build may bring newer files.
   *
   * @param names paths under the resource folder {@code bootstrap}
   */
  static void extract(List<String> names, Path directory) {
    try {
      makeDirectory(directory);
      for (String name : names) {
        Path target = directory.resolve(name);
        makeDirectory(Objects.requireNonNull(target.getParent(), name));
        copy(name, target);
      }
    } catch (IOException e) {
      throw new WarmerException(
          WarmerException.Cause.CANNOT_EXTRACT,
          "cannot write the bootstrap files to "
              + directory
              + ": "
              + e
              + "; make the directory writable or choose another one",
          e);
    }
  }

  /** The text of a bootstrap file as this build has it. */
  static String text(String name) {
    try (InputStream in = BootstrapFiles.class.getResourceAsStream("/bootstrap/" + name)) {
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("bootstrap/" + name + " cannot be read from the jar", e);
    }
  }

  private static void copy(String name, Path target) throws IOException {
    try (InputStream in = BootstrapFiles.class.getResourceAsStream("/bootstrap/" + name)) {
      if (in == null) {
        throw new FileNotFoundException("bootstrap/" + name + " is missing from the jar");
      }
      // A rename, so that a sandbox that starts meanwhile never sees half a file.
      Path written = target.resolveSibling(target.getFileName() + ".new");
      Files.copy(in, written, StandardCopyOption.REPLACE_EXISTING);
      Files.setPosixFilePermissions(written, PosixFilePermissions.fromString("rw-r--r--"));
      Files.setLastModifiedTime(written, TIME);
      Files.move(written, target, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static void makeDirectory(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
