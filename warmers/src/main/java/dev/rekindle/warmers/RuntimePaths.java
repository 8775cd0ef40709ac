package dev.rekindle.warmers;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where things are, as the sandboxed process sees them. Interpreters lie at the same path on the
 * host, since sandboxes share the host's {@code /usr} and {@code /opt}.
 *
 * @param python3 the CPython interpreter
 * @param node the Node.js interpreter
 * @param java the JDK's home
 * @param bootstraps where the bootstrap directory is mounted
 * @param task where the function's code is mounted
 * @param socket the function's listening unix socket
 */
public record RuntimePaths(
    Path python3, Path node, Path java, Path bootstraps, Path task, Path socket) {
  /** Names the Node.js to use where it is not Debian's. */
  public static final String NODE_VARIABLE = "REKINDLE_NODE";

  /** Names the JDK to use where it is not the one that runs the service. */
  public static final String JAVA_VARIABLE = "REKINDLE_JAVA";

  /** The places that the sandboxes of the snapshot engine use, with Debian's interpreters. */
  public static RuntimePaths sandbox() {
    return sandbox(Map.of());
  }

  /**
   * The same, with the interpreters that the launcher has found.
   *
   * @param environment the service's variables, of which {@value #NODE_VARIABLE} and {@value
   *     #JAVA_VARIABLE} count here
   */
  public static RuntimePaths sandbox(Map<String, String> environment) {
    return new RuntimePaths(
        Path.of("/usr/bin/python3"),
        interpreter(environment, NODE_VARIABLE, "/usr/bin/node"),
        interpreter(environment, JAVA_VARIABLE, System.getProperty("java.home")),
        Path.of("/rekindle/runtime"),
        Path.of("/var/task"),
        Path.of("/run/rekindle/function.sock"));
  }

  RuntimePaths withPython3(Path other) {
    return new RuntimePaths(other, node, java, bootstraps, task, socket);
  }

  RuntimePaths withNode(Path other) {
    return new RuntimePaths(python3, other, java, bootstraps, task, socket);
  }

  RuntimePaths withJava(Path other) {
    return new RuntimePaths(python3, node, other, bootstraps, task, socket);
  }

  private static Path interpreter(
      Map<String, String> environment, String variable, String installed) {
    String named = environment.getOrDefault(variable, "");
    return Path.of(named.isBlank() ? installed : named);
  }
}
