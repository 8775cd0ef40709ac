package dev.rekindle.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A small real file system, mounted for one test. Needs the right to mount. */
public final class Tmpfs implements AutoCloseable {
  private final Path directory;
  private int mounts;

  private Tmpfs(Path directory) {
    this.directory = directory;
  }

  /** Mounts over an empty directory, with tmpfs options as in tmpfs(5). */
  public static Tmpfs mount(Path directory, String options) throws IOException {
    var mounted = new Tmpfs(directory);
    run("mount", "-t", "tmpfs", "-o", options, "tmpfs", directory.toString());
    mounted.mounts++;
    return mounted;
  }

  /** Where it is mounted. */
  public Path directory() {
    return directory;
  }

  /** From now on paths lead to a read-only view; files that are open already stay writable. */
  public void makeReadOnly() throws IOException {
    run("mount", "--bind", directory.toString(), directory.toString());
    mounts++;
    run("mount", "-o", "remount,bind,ro", directory.toString());
  }

  /** Undoes {@link #makeReadOnly()}. */
  public void makeWritable() throws IOException {
    run("umount", directory.toString());
    mounts--;
  }

  @Override
  public void close() throws IOException {
    while (mounts > 0) {
      run("umount", directory.toString());
      mounts--;
    }
  }

  private static void run(String... command) throws IOException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    // The output has ended, so the end of the process is at hand.
    assertThat(process.onExit().join().exitValue()).as("%s: %s", List.of(command), output).isZero();
  }
}
