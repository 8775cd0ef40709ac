package dev.rekindle.engine.sandbox;

import java.nio.file.Path;
import java.util.List;

/**
 * What a sandbox shows to the function inside.
 *
 * @param hostname the host name inside
 * @param readOnly host directories shown read-only
 * @param memoryBytes the limit on memory of all its processes, /tmp included
 * @param maxProcesses the limit on processes and threads
 * @param port the TCP port that the function serves on: its {@code function.sock} then leads there,
 *     and it is ready when somebody listens; 0 if it makes that socket, and tells of its readiness,
 *     itself
 */
public record SandboxSpec(
    String hostname, List<Bind> readOnly, long memoryBytes, int maxProcesses, int port) {

  /** Default limit on processes and threads of one sandbox: AWS Lambda's. */
  public static final int DEFAULT_MAX_PROCESSES = 1024;

  /** The description of a sandbox whose function makes its socket itself. */
  public SandboxSpec(String hostname, List<Bind> readOnly, long memoryBytes, int maxProcesses) {
    this(hostname, readOnly, memoryBytes, maxProcesses, 0);
  }

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
