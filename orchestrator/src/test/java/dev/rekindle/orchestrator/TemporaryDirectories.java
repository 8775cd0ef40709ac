package dev.rekindle.orchestrator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/** Puts JUnit's temporary directories where the services under test have theirs. */
public final class TemporaryDirectories implements TempDirFactory {
  @Override
  public Path createTempDirectory(AnnotatedElementContext field, ExtensionContext context)
      throws IOException {
    return Files.createTempDirectory(Leftovers.TEMPORARY, "junit");
  }
}
