package dev.rekindle.engine;

import dev.rekindle.engine.sandbox.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The files that a function wrote below /tmp and /dev/shm. They lie on the sandbox's own tmpfs,
 * which CRIU leaves alone, so they travel beside its images as a tar archive.
 */
final class ScratchFiles {
  private static final String ARCHIVE = "files.tar";
  static final List<String> PLACES = List.of("tmp", "dev/shm");

  /** Alone, --xattrs brings those of users only back. */
  private static final String EVERY_ATTRIBUTE = "--xattrs-include=*";

  private final Path root;

  ScratchFiles(Sandbox sandbox) {
    this.root = sandbox.hostRoot();
  }

  /** Whether there are any. */
  boolean present() throws IOException {
    for (String place : PLACES) {
      try (Stream<Path> files = Files.list(root.resolve(place))) {
        if (files.findAny().isPresent()) {
          return true;
        }
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }
    return false;
  }

  /** Writes them into a snapshot's directory. */
  void archive(Path snapshot) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "tar",
                "-C",
                root.toString(),
                "--format=posix",
                "--numeric-owner",
                "--xattrs",
                EVERY_ATTRIBUTE,
                "--sparse",
                "-cf"));
    command.add(snapshot.resolve(ARCHIVE).toString());
    command.addAll(PLACES);
    run(command);
  }

  /** Removes names that CRIU made for the archive ({@link OpenScratchFiles#linkRemaps}). */
  void delete(List<String> names) throws IOException {
    for (String name : names) {
      Files.deleteIfExists(root.resolve(name.substring(1)));
    }
  }

  /** Brings them back from a snapshot's directory. */
  void extract(Path snapshot) throws IOException {
    run(
        List.of(
            "tar",
            "-C",
            root.toString(),
            "--numeric-owner",
            "--xattrs",
            EVERY_ATTRIBUTE,
            "-xpf",
            snapshot.resolve(ARCHIVE).toString()));
  }

  private static void run(List<String> command) throws IOException {
    Process tar = new ProcessBuilder(command).redirectErrorStream(true).start();
    tar.getOutputStream().close();
    String output = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (tar.waitFor() != 0) {
        throw new IOException("tar failed: " + output.strip());
      }
    } catch (InterruptedException e) {
      tar.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("tar was interrupted", e);
    }
  }
}
