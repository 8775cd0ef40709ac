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
 * @param region what the platform calls the place it runs in, unless the user's variables say so
 * @param snapshots whether instances may be frozen and restored: told to the function
 */
public record FunctionSpec(
    String name,
    String version,
    String runtime,
    String handler,
    int memoryMb,
    Duration timeout,
    Map<String, String> environment,
    String region,
    boolean snapshots) {
  /** Lambda's first region: many programs know it. */
  public static final String DEFAULT_REGION = "us-east-1";

  /** Copies the environment, so that the record never changes. */
  public FunctionSpec {
    if (memoryMb <= 0) {
      throw new IllegalArgumentException("memoryMb must be positive, not " + memoryMb);
    }
    environment = Map.copyOf(environment);
  }

  /** A function that may be frozen, in the default region. */
  public FunctionSpec(
      String name,
      String version,
      String runtime,
      String handler,
      int memoryMb,
      Duration timeout,
      Map<String, String> environment) {
    this(name, version, runtime, handler, memoryMb, timeout, environment, DEFAULT_REGION, true);
  }
}
