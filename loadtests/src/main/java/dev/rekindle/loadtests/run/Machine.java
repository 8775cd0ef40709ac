package dev.rekindle.loadtests.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Where a benchmark ran.
 *
 * @param cores processors
 * @param kernel the kernel's release
 * @param criu CRIU's version
 * @param java version of the JVM
 */
public record Machine(int cores, String kernel, String criu, String java) {
  private static final String VERSION = "Version:";

  /** Reads this machine's facts. */
  public static Machine read(Path criu) throws IOException {
    return new Machine(
        Runtime.getRuntime().availableProcessors(),
        Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip(),
        version(criu),
        Runtime.version().toString());
  }

  /** All of it, in one line. */
  public String line() {
    return "%d cores, Linux %s, CRIU %s, Java %s".formatted(cores, kernel, criu, java);
  }

  private static String version(Path criu) throws IOException {
    Process process =
        new ProcessBuilder(criu.toString(), "--no-default-config", "--version").start();
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
