package dev.rekindle.warmers;

import java.nio.file.Path;

/**
 * Where things are, as the sandboxed process sees them. Interpreters lie at the same path on the
 * host, since sandboxes share the host's {@code /usr}.
 *
 * @param python3 the CPython interpreter
 * @param bootstraps where the bootstrap directory is mounted
 * @param task where the function's code is mounted
 * @param socket the function's listening unix socket
 */
public record RuntimePaths(Path python3, Path bootstraps, Path task, Path socket) {
  /** The places that the sandboxes of the snapshot engine use, with Debian's interpreters. */
  public static RuntimePaths sandbox() {
    return new RuntimePaths(
        Path.of("/usr/bin/python3"),
        Path.of("/rekindle/runtime"),
        Path.of("/var/task"),
        Path.of("/run/rekindle/function.sock"));
  }
}
