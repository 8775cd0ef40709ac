package dev.rekindle.loadtests.start;

import dev.rekindle.loadtests.run.BenchmarkException;
import dev.rekindle.loadtests.run.Cleanup;
import dev.rekindle.loadtests.run.Measurement;
import dev.rekindle.loadtests.run.ProcessMemory;
import dev.rekindle.loadtests.run.SampleFunction;
import dev.rekindle.loadtests.run.ServiceFunction;
import dev.rekindle.loadtests.run.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Plain {@code criu restore}, with or without lazy pages. */
final class CriuMode implements StartMode {
  private static final Duration STATISTICS_PATIENCE = Duration.ofSeconds(10);

  private final CriuBaseline baseline;
  private final boolean lazy;
  private final Duration settle;

  /**
   * A way to start.
   *
   * @param settle how long the machine gets to calm down after the shell is prepared
   */
  CriuMode(CriuBaseline baseline, boolean lazy, Duration settle) {
    this.baseline = baseline;
    this.lazy = lazy;
    this.settle = settle;
  }

  @Override
  public String name() {
    return lazy ? "criu-lazy" : "criu-eager";
  }

  @Override
  public void prepare() throws IOException {
    baseline.dump();
  }

  /** The time begins with the start of CRIU: the namespaces are there, as in the service's pool. */
  @Override
  public Measurement measure() throws IOException {
    Path work = baseline.workDirectory();
    try (BaselineShell shell = baseline.prepared(lazy, work)) {
      Waiting.pause(settle);
      UnixExchange exchange = new UnixExchange(baseline.socket(), shell::isAlive);
      long start = System.nanoTime();
      shell.go();
      exchange.post(SampleFunction.EVENT);
      double millis = (System.nanoTime() - start) / 1e6;
      ProcessMemory memory = ProcessMemory.read(functionPid(shell));
      RestoreStatistics statistics = statistics(work);
      return new Measurement(
          millis,
          statistics.restoreMs(),
          memory.privateBytes() / ServiceFunction.MB,
          memory.sharedBytes() / ServiceFunction.MB,
          lazy ? null : statistics.pagesBytes() / ServiceFunction.MB);
    } catch (BenchmarkException | IOException e) {
      throw CriuBaseline.failed(name() + " failed: " + e.getMessage(), work.resolve("restore.log"));
    } finally {
      Cleanup.deleteTree(work);
    }
  }

  private static long functionPid(BaselineShell shell) {
    return shell
        .descendants()
        .map(ProcessHandle::pid)
        .filter(pid -> ProcessMemory.innermostPid(pid) == CriuBaseline.FUNCTION_PID)
        .findFirst()
        .orElseThrow(
            () ->
                new BenchmarkException(
                    BenchmarkException.Cause.MACHINE, "the restored function is gone"));
  }

  /** CRIU writes them when it is done, which the function does not wait for. */
  private static RestoreStatistics statistics(Path work) throws IOException {
    Path file = work.resolve(RestoreStatistics.FILE);
    Waiting.until(
        "CRIU's statistics",
        STATISTICS_PATIENCE,
        () -> RestoreStatistics.parse(readIfThere(file)).isPresent());
    return RestoreStatistics.parse(Files.readAllBytes(file)).orElseThrow();
  }

  private static byte[] readIfThere(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      return new byte[0];
    }
  }
}
