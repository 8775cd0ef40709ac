package dev.rekindle.engine;

import dev.rekindle.engine.sandbox.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The identities (device and inode number) that the function's files have for it: a file of the
 * snapshot, present only if they matter. Init writes and reads it (identity.h).
 */
final class FileIdentities {
  private static final String NAME = "identities";

  private FileIdentities() {}

  /** Has them written into a snapshot's directory. The function stands still. */
  static void record(Sandbox sandbox, Path snapshot) throws IOException {
    sandbox.recordIdentities();
    Files.move(sandbox.workDirectory().resolve(NAME), snapshot.resolve(NAME));
  }

  /** Whether clones of a snapshot are to see the identities of before. */
  static boolean areKept(Path snapshot) {
    return Files.exists(snapshot.resolve(NAME));
  }
}
