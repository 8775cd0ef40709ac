package dev.rekindle.loadtests.start;

import dev.rekindle.loadtests.run.BenchmarkException;
import dev.rekindle.loadtests.run.Cleanup;
import dev.rekindle.loadtests.run.Resources;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A shell that is ready to do one thing on a line of input, so that what is timed begins with that
 * thing and not with the start of a shell. Where it has a pid namespace, all in there ends with it.
 */
final class BaselineShell implements AutoCloseable {
  private static final long END_PATIENCE_SECONDS = 10;

  private final Process process;
  private final Path errors;
  private final BufferedReader out;
  private final OutputStream in;

  private BaselineShell(Process process, Path errors) {
    this.process = process;
    this.errors = errors;
    this.out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    this.in = process.getOutputStream();
  }

  /**
   * Runs one of our scripts in namespaces of its own.
   *
   * @param namespaces options of unshare, which make them
   * @param arguments of the script
   */
  static BaselineShell inNamespaces(
      List<String> namespaces,
      String script,
      List<String> arguments,
      Path directory,
      Map<String, String> environment,
      Cleanup cleanup)
      throws IOException {
    List<String> prefix = new ArrayList<>(List.of("unshare"));
    prefix.addAll(namespaces);
    return start(prefix, script, arguments, directory, environment, cleanup);
  }

  /** Runs one of our scripts as it is. */
  static BaselineShell plain(String script, Path directory, Cleanup cleanup) throws IOException {
    return start(List.of(), script, List.of(), directory, Map.of(), cleanup);
  }

  private static BaselineShell start(
      List<String> prefix,
      String script,
      List<String> arguments,
      Path directory,
      Map<String, String> environment,
      Cleanup cleanup)
      throws IOException {
    Path file = directory.resolve(script);
    Files.write(file, Resources.read("/dev/rekindle/loadtests/baseline/" + script));
    List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of("sh", file.toString()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    Path errors = directory.resolve(script + ".err");
    builder.redirectError(errors.toFile());
    return new BaselineShell(cleanup.start(builder, BaselineShell::end), errors);
  }

  /** Tells it to go on. */
  void go() throws IOException {
    in.write('\n');
    in.flush();
  }

  /**
   * Waits for a line of its output.
   *
   * @throws BenchmarkException if it ends, or says something else
   */
  void expect(String line) throws IOException {
    String read = out.readLine();
    if (!line.equals(read)) {
      throw new BenchmarkException(
          BenchmarkException.Cause.MACHINE,
          "a baseline's shell was to say '%s', but %s"
                  .formatted(line, read == null ? "ended" : "said '" + read + "'")
              + errors());
    }
  }

  /** What it printed as errors, as the end of a message. */
  String errors() throws IOException {
    String text = Files.readString(errors, StandardCharsets.UTF_8).strip();
    return text.isEmpty() ? "" : ": " + text;
  }

  /** Whether it, or what it turned into, runs. */
  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits until it ends by itself and returns its exit code. */
  int await() {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkException(BenchmarkException.Cause.INTERRUPTED, "interrupted");
    }
  }

  /** The processes below it. */
  Stream<ProcessHandle> descendants() {
    return process.descendants();
  }

  /** Ends all of it and waits until it is gone. */
  @Override
  public void close() {
    end(process);
  }

  /** The children first: unshare waits for its own, and so ends when the namespace is empty. */
  private static void end(Process process) {
    if (!process.isAlive()) {
      return;
    }
    try {
      process.getOutputStream().close();
      process.children().forEach(ProcessHandle::destroyForcibly);
      if (!process.waitFor(END_PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
