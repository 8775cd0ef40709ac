package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A small file system of its own, mounted for one test. */
final class SmallDisk implements AutoCloseable {
  private final Path directory;

  private SmallDisk(Path directory) {
    this.directory = directory;
  }

  /** Mounts a tmpfs with those options, as in tmpfs(5). */
  static SmallDisk mount(String options) throws IOException {
    Path directory = Files.createTempDirectory(Leftovers.TEMPORARY, "disk");
    run("mount", "-t", "tmpfs", "-o", options, "tmpfs", directory.toString());
    return new SmallDisk(directory);
  }

  Path directory() {
    return directory;
  }

  @Override
  public void close() throws IOException {
    run("umount", directory.toString());
    Files.delete(directory);
  }

  private static void run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.onExit().join().exitValue();
    assertThat(code).as("%s: %s", List.of(command), output).isZero();
  }
}
