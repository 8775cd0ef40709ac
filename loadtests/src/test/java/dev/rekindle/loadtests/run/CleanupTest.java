package dev.rekindle.loadtests.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CleanupTest {
  @TempDir private Path temporary;

  @Test
  void close_takesBackTheNewestFirstAndOnce() {
    List<String> taken = new ArrayList<>();
    Cleanup cleanup = new Cleanup();
    cleanup.add(() -> taken.add("first"));
    cleanup.add(() -> taken.add("second"));

    cleanup.close();
    cleanup.close();

    assertThat(taken).containsExactly("second", "first");
  }

  @Test
  void close_removesDirectoriesWithTheirFiles() throws IOException {
    Cleanup cleanup = new Cleanup();
    Path directory = cleanup.directory(temporary, "bench");
    Files.createDirectories(directory.resolve("a/b"));
    Files.writeString(directory.resolve("a/b/file"), "text");

    cleanup.close();

    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void start_afterClose_startsNothing() {
    Cleanup cleanup = new Cleanup();
    cleanup.close();

    assertThatThrownBy(
            () ->
                cleanup.start(
                    new ProcessBuilder("touch", temporary.resolve("made").toString()),
                    Process::destroyForcibly))
        .isInstanceOf(BenchmarkException.class);
    assertThat(temporary).isEmptyDirectory();
  }
}
