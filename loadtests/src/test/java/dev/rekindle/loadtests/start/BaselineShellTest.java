package dev.rekindle.loadtests.start;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.loadtests.run.Cleanup;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The build packs the baseline's scripts where the benchmark looks for them. */
class BaselineShellTest {
  @Test
  void script_isPacked(@TempDir Path directory) throws Exception {
    try (Cleanup cleanup = new Cleanup()) {
      BaselineShell.plain("floor.sh", directory, cleanup);

      assertThat(directory.resolve("floor.sh")).isNotEmptyFile();
    }
  }
}
