package dev.rekindle.engine;

import java.nio.file.Path;
import java.util.List;

/**
 * What a sandbox shows to the function inside.
 *
 * @param hostname the host name inside
 * @param readOnly host directories shown read-only
 * @param memoryBytes the limit on memory of all its processes, /tmp included
 * @param maxProcesses the limit on processes and threads
 */
public record SandboxSpec(
    String hostname, List<Bind> readOnly, long memoryBytes, int maxProcesses) {

  /** Default limit on processes and threads of one sandbox: AWS Lambda's. */
  public static final int DEFAULT_MAX_PROCESSES = 1024;

  /** Copies the list. */
  public SandboxSpec {
    readOnly = List.copyOf(readOnly);
  }

  /**
   * A host directory shown in the sandbox.
   *
   * @param source the path on the host
   * @param target the path in the sandbox
   */
  public record Bind(Path source, String target) {}
}
