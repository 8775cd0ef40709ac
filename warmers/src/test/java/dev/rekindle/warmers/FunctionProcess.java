package dev.rekindle.warmers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.warmers.channel.Frame;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A function's real process, started as a sandbox would start it but without the sandbox. */
final class FunctionProcess {
  private final Process process;
  private final Path log;
  private final Path socket;
  private final JsonNode readiness;

  private FunctionProcess(Process process, Path log, Path socket, JsonNode readiness) {
    this.process = process;
    this.log = log;
    this.socket = socket;
    this.readiness = readiness;
  }

  /** Starts the program and waits for its readiness line, or for its end without one. */
  static FunctionProcess start(Launch launch, Path directory, Path socket) throws Exception {
    Path fifo = directory.resolve("readiness");
    run(List.of("mkfifo", fifo.toString()));
    Path log = directory.resolve("log");
    // The shell opens descriptor 3, which ProcessBuilder cannot pass.
    List<String> command =
        new ArrayList<>(List.of("/bin/sh", "-c", "exec \"$@\" 3>\"$0\"", fifo.toString()));
    command.addAll(launch.command());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(Path.of(launch.workingDirectory()).toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().clear();
    builder.environment().putAll(launch.environment());
    Process process = builder.start();
    // Ends when the process closes its descriptor 3, at the latest when it ends.
    String line = Files.readString(fifo);
    return new FunctionProcess(process, log, socket, Frame.JSON.readTree(line));
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    int code = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (code != 0) {
      throw new IOException(command + " left with " + code);
    }
  }

  /** The readiness line; a missing node if there was none. */
  JsonNode readiness() {
    return readiness;
  }

  Path socket() {
    return socket;
  }

  /** All that the process has written to its standard output and error. */
  String log() throws IOException {
    return Files.readString(log);
  }

  /** What is mapped where, as the kernel tells it. */
  String memoryMap() throws IOException {
    return Files.readString(Path.of("/proc/" + process.pid() + "/maps"));
  }

  /** Memory in use that no file backs: what a snapshot would have to hold. */
  long anonymousBytes() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/" + process.pid() + "/smaps_rollup"))) {
      String[] words =
          lines
              .filter(line -> line.startsWith("Anonymous:"))
              .findFirst()
              .orElseThrow()
              .split("\\s+");
      return Long.parseLong(words[1]) << 10;
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for the end of the process, at most half a minute. */
  int exitCode() throws InterruptedException {
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      throw new AssertionError("the function's process is still there after 30 s");
    }
    return process.exitValue();
  }

  /** Kills the process and waits for its end. */
  void stop() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }
}
