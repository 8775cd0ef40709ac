package dev.rekindle.warmers;

import java.time.Duration;
import java.util.Map;

/**
 * What a warmer needs to know of a function.
 *
 * @param name the function's name
 * @param version the version that is to be booted
 * @param runtime the runtime's name, such as {@code python3}
 * @param handler the handler in the runtime's own syntax
 * @param memoryMb memory limit in MiB, told to the function
 * @param timeout longest time one invocation may take
 * @param environment the user's variables; names that belong to the platform are overridden
 */
public record FunctionSpec(
    String name,
    String version,
    String runtime,
    String handler,
    int memoryMb,
    Duration timeout,
    Map<String, String> environment) {
  /** Copies the environment, so that the record never changes. */
  public FunctionSpec {
    if (memoryMb <= 0) {
      throw new IllegalArgumentException("memoryMb must be positive, not " + memoryMb);
    }
    environment = Map.copyOf(environment);
  }
}
