package dev.rekindle.orchestrator;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where CRIU is. */
public final class Criu {
  private static final String VARIABLE = "REKINDLE_CRIU";
  private static final String INSTALLED = "/opt/rekindle/criu/sbin/criu";

  private Criu() {}

  /** The binary that the launcher names, or the one that its setup installs. */
  public static Path path() {
    String named = System.getenv(VARIABLE);
    Path criu = Path.of(named == null || named.isBlank() ? INSTALLED : named);
    if (!Files.isExecutable(criu)) {
      throw new StartupException(
          "there is no CRIU at %s: run './rekindle setup'".formatted(criu),
          new IllegalStateException("no criu"));
    }
    return criu;
  }
}
