package dev.rekindle.orchestrator;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** {@code rekindle serve} as a process of its own. */
final class ServeProcess implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  private final Process process;
  private final ConcurrentLinkedQueue<String> errors = new ConcurrentLinkedQueue<>();
  private final CompletableFuture<URI> ready = new CompletableFuture<>();
  private final List<CompletableFuture<Void>> readers;

  private ServeProcess(Process process) {
    this.process = process;
    this.readers =
        List.of(
            follow(process.inputReader(), this::printed),
            follow(
                new BufferedReader(
                    new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8)),
                errors::add));
  }

  static ServeProcess start(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Djava.io.tmpdir=" + Leftovers.TEMPORARY,
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.rekindle.orchestrator.cli.Main",
                "serve"));
    command.addAll(List.of(arguments));
    return new ServeProcess(new ProcessBuilder(command).start());
  }

  private static CompletableFuture<Void> follow(
      BufferedReader from, java.util.function.Consumer<String> line) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                for (String next = from.readLine(); next != null; next = from.readLine()) {
                  line.accept(next);
                }
              } catch (IOException e) {
                // it was killed
              }
              done.complete(null);
            },
            "serve-output");
    thread.setDaemon(true);
    thread.start();
    return done;
  }

  private void printed(String line) {
    if (line.startsWith("ready ")) {
      ready.complete(URI.create(line.substring("ready ".length())));
    }
  }

  /** Waits for the line that says where it listens. */
  URI awaitReady() throws Exception {
    CompletableFuture.anyOf(ready, process.onExit()).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (!ready.isDone()) {
      throw new AssertionError("it ended with " + process.exitValue() + ": " + errors());
    }
    return ready.join();
  }

  long pid() {
    return process.pid();
  }

  /** Sends SIGTERM. */
  void terminate() {
    process.destroy();
  }

  /** Sends SIGKILL. */
  void kill() {
    process.destroyForcibly();
  }

  /** Waits for its end and returns its exit code. */
  int awaitExit() throws Exception {
    process.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    for (CompletableFuture<Void> reader : readers) {
      reader.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
    return process.exitValue();
  }

  /** What it wrote to standard error. */
  String errors() {
    return String.join("\n", errors);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
