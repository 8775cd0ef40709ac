package dev.rekindle.loadtests.start;

import dev.rekindle.loadtests.run.BenchmarkException;
import dev.rekindle.loadtests.run.Cleanup;
import dev.rekindle.loadtests.run.SampleFunction;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The sample function frozen by plain CRIU: served without the service, dumped after its first
 * request like the service does, images and CRIU's cache of kernel features on tmpfs.
 */
final class CriuBaseline {
  /** The pid of the function in its namespace, above those of the shell and of CRIU. */
  static final int FUNCTION_PID = 5_000;

  private static final List<String> DUMP_NAMESPACES =
      List.of("--mount", "--pid", "--fork", "--kill-child", "--mount-proc");

  /** The script makes the pid namespace, inside of which not all of it may run. */
  private static final List<String> RESTORE_NAMESPACES = List.of("--mount");

  private static final List<String> DIRECTORIES = List.of("run", "code", "images", "work");

  private final SampleFunction function;
  private final int heapMb;
  private final Path criu;
  private final Path directory;
  private final Cleanup cleanup;
  private boolean dumped;

  /**
   * A snapshot to be made.
   *
   * @param directory an empty directory on tmpfs
   */
  CriuBaseline(SampleFunction function, int heapMb, Path criu, Path directory, Cleanup cleanup) {
    this.function = function;
    this.heapMb = heapMb;
    this.criu = criu;
    this.directory = directory;
    this.cleanup = cleanup;
  }

  /** Boots the function, invokes it once and dumps it; does nothing the second time. */
  void dump() throws IOException {
    if (dumped) {
      return;
    }
    for (String name : DIRECTORIES) {
      Files.createDirectory(directory.resolve(name));
    }
    function.writeTo(directory.resolve("code"));
    Map<String, String> environment = environment();
    environment.putAll(function.variables());
    environment.put(SampleFunction.HEAP_VARIABLE, Integer.toString(heapMb));
    try (BaselineShell shell =
        BaselineShell.inNamespaces(
            DUMP_NAMESPACES, "dump.sh", function.command(), directory, environment, cleanup)) {
      invokeOnce(shell);
      shell.go();
      if (shell.await() != 0) {
        throw failed(
            "CRIU could not dump the baseline" + shell.errors(), directory.resolve("dump.log"));
      }
    }
    dumped = true;
  }

  private void invokeOnce(BaselineShell shell) throws IOException {
    try {
      new UnixExchange(socket(), shell::isAlive).post(SampleFunction.EVENT);
    } catch (BenchmarkException e) {
      throw failed(e.getMessage() + shell.errors(), directory.resolve("function.log"));
    }
  }

  /** A shell that turns into a restore of the function, as soon as it is told to. */
  BaselineShell prepared(boolean lazy, Path work) throws IOException {
    Files.deleteIfExists(socket()); // so that only the restored function can answer there
    Map<String, String> environment = environment();
    environment.put("WORK", work.toString());
    environment.put("LAZY", lazy ? "1" : "0");
    BaselineShell shell =
        BaselineShell.inNamespaces(
            RESTORE_NAMESPACES, "restore.sh", List.of(), directory, environment, cleanup);
    shell.expect("prepared");
    return shell;
  }

  private Map<String, String> environment() {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("BENCH", directory.toString());
    environment.put("CRIU", criu.toString());
    environment.put("FUNCTION_PID", Integer.toString(FUNCTION_PID));
    return environment;
  }

  /** Where the function listens. */
  Path socket() {
    return directory.resolve("function.sock");
  }

  /** A fresh directory for one restore. */
  Path workDirectory() throws IOException {
    return Files.createTempDirectory(directory.resolve("work"), "restore");
  }

  /** A failure with the end of a log, if there is one. */
  static BenchmarkException failed(String what, Path log) {
    String text = "";
    try {
      text = Files.readString(log, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      // It failed before it wrote a log: what there is to say has been said.
    }
    return new BenchmarkException(
        BenchmarkException.Cause.MACHINE, text.isEmpty() ? what : what + ": " + text);
  }
}
