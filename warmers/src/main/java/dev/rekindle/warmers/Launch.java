package dev.rekindle.warmers;

import java.util.List;
import java.util.Map;

/**
 * A program to start in a sandbox.
 *
 * @param command absolute path of the program as the sandbox sees it, then its arguments
 * @param environment all variables of the process; nothing else is inherited
 * @param workingDirectory as the sandbox sees it
 */
public record Launch(
    List<String> command, Map<String, String> environment, String workingDirectory) {
  /** Copies the collections, so that the record never changes. */
  public Launch {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }
}
