package dev.rekindle.loadtests.run;

import dev.rekindle.api.Json;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The service as a process of its own, on a free port and with an empty data directory. */
public final class ServiceProcess {
  /** The verb's class. Named, not used: nothing here may depend on the service's code. */
  private static final String MAIN = "dev.rekindle.orchestrator.cli.Main";

  private static final String READY = "ready ";
  private static final Duration START_PATIENCE = Duration.ofSeconds(60);
  private static final long END_PATIENCE_SECONDS = 45;

  private final URI url;
  private final Process process;

  private ServiceProcess(URI url, Process process) {
    this.url = url;
    this.process = process;
  }

  /**
   * Starts it and waits until it serves.
   *
   * @param maxInstances how many instances it may run at once
   * @return its address
   * @throws BenchmarkException if it does not come up
   */
  public static URI start(Path directory, int maxInstances, Cleanup cleanup) throws IOException {
    return start(directory, Map.of("maxInstances", maxInstances), Map.of(), cleanup).url();
  }

  /**
   * The same with any settings.
   *
   * @param settings fields of its configuration
   * @param environment variables for it, besides ours
   * @throws BenchmarkException if it does not come up
   */
  public static ServiceProcess start(
      Path directory,
      Map<String, Object> settings,
      Map<String, String> environment,
      Cleanup cleanup)
      throws IOException {
    Path config = directory.resolve("config.json");
    Path out = directory.resolve("service.out");
    Path err = directory.resolve("service.err");
    Files.write(config, Json.write(settings));
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Dfile.encoding=UTF-8", // as the launcher runs it
            "-XX:+ExitOnOutOfMemoryError",
            "-cp",
            System.getProperty("java.class.path"),
            MAIN,
            "serve",
            "--port",
            "0",
            "--data-dir",
            directory.resolve("data").toString(),
            "--config",
            config.toString());
    builder.environment().putAll(environment);
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    builder.redirectOutput(out.toFile()).redirectError(err.toFile());
    Process process = cleanup.start(builder, ServiceProcess::end);
    Waiting.until(
        "the service", START_PATIENCE, () -> !process.isAlive() || !readyLines(out).isEmpty());
    List<String> ready = readyLines(out);
    if (ready.isEmpty()) {
      throw new BenchmarkException(
          BenchmarkException.Cause.SERVICE, "the service did not start: " + tail(err));
    }
    return new ServiceProcess(URI.create(ready.get(0).substring(READY.length()).strip()), process);
  }

  /** Its address. */
  public URI url() {
    return url;
  }

  /** Ends it before the benchmark does. */
  public void end() {
    end(process);
  }

  /** Whole lines only: the last one may still be in the writing. */
  private static List<String> readyLines(Path out) {
    String text = read(out);
    return text.substring(0, text.lastIndexOf('\n') + 1)
        .lines()
        .filter(line -> line.startsWith(READY))
        .toList();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new BenchmarkException(
          BenchmarkException.Cause.MACHINE, "cannot read " + file + ": " + e.getMessage());
    }
  }

  private static String tail(Path file) {
    List<String> lines = read(file).lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
  }

  private static void end(Process process) {
    process.destroy();
    boolean ended = false;
    try {
      ended = process.waitFor(END_PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!ended) {
      System.err.println("rekindle bench: the service did not end by itself");
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
