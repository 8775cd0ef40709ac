package dev.rekindle.loadtests;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * Where and how a benchmark ran.
 *
 * @param cores processors
 * @param kernel the kernel's release
 * @param criu CRIU's version
 * @param java version of the JVM
 * @param date when it began
 * @param runtime the function's runtime
 * @param runs measurements of each mode
 * @param heapMb size of the function's heap
 */
record Environment(
    int cores,
    String kernel,
    String criu,
    String java,
    Instant date,
    String runtime,
    int runs,
    int heapMb) {
  private static final String VERSION = "Version:";

  /** Reads this machine's facts. */
  static Environment read(StartSettings settings, Path criu, Instant now) throws IOException {
    return read(settings.function(), settings.runs(), settings.heapMb(), criu, now);
  }

  /** The same for any benchmark. */
  static Environment read(SampleFunction function, int runs, int heapMb, Path criu, Instant now)
      throws IOException {
    return new Environment(
        Runtime.getRuntime().availableProcessors(),
        Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip(),
        version(criu),
        Runtime.version().toString(),
        now,
        function.runtime(),
        runs,
        heapMb);
  }

  private static String version(Path criu) throws IOException {
    Process process = new ProcessBuilder(criu.toString(), "--version").start();
    try {
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor(10, TimeUnit.SECONDS);
      return text.lines()
          .filter(line -> line.startsWith(VERSION))
          .map(line -> line.substring(VERSION.length()).strip())
          .findFirst()
          .orElse("unknown");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkException(BenchmarkException.Cause.INTERRUPTED, "interrupted");
    }
  }
}
