package dev.rekindle.loadtests.start;

import dev.rekindle.loadtests.run.Cleanup;
import dev.rekindle.loadtests.run.Measurement;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Fork and exec of a trivial program in fresh namespaces: no start can be sooner. */
final class FloorMode implements StartMode {
  private final Path directory;
  private final Cleanup cleanup;
  private @Nullable BaselineShell shell;

  /**
   * A way to start.
   *
   * @param directory for its script
   */
  FloorMode(Path directory, Cleanup cleanup) {
    this.directory = directory;
    this.cleanup = cleanup;
  }

  @Override
  public String name() {
    return "floor";
  }

  @Override
  public void prepare() throws IOException {
    shell = BaselineShell.plain("floor.sh", directory, cleanup);
  }

  @Override
  public Measurement measure() throws IOException {
    if (shell == null) {
      throw new IllegalStateException("not prepared");
    }
    long start = System.nanoTime();
    shell.go();
    shell.expect("done");
    return Measurement.ofTime((System.nanoTime() - start) / 1e6);
  }
}
