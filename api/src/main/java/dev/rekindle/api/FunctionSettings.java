package dev.rekindle.api;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a function is to be run. Only {@code runtime} and {@code handler} have no default.
 *
 * @param runtime the name of a warmer; the service checks that it has it
 * @param handler what to call, in the runtime's own notation
 * @param memoryMb memory limit in MiB
 * @param timeoutMs longest run of one invocation in milliseconds
 * @param environment variables for the function's process; readable by whoever may read settings
 * @param maxInstances most instances at one time
 * @param idleSeconds seconds without an event after which an instance is evicted at the latest; the
 *     policy may end it sooner. Null leaves it to the policy, and where that does not care it is
 *     {@link #DEFAULT_IDLE_SECONDS}
 * @param restoreMode how snapshots come back
 * @param warmup what to run before a checkpoint
 * @param httpHooks what a function that serves HTTP is told of its snapshots
 * @param policy who decides on checkpoints and restores
 */
public record FunctionSettings(
    String runtime,
    String handler,
    int memoryMb,
    int timeoutMs,
    Map<String, String> environment,
    int maxInstances,
    @Nullable Integer idleSeconds,
    RestoreMode restoreMode,
    Warmup warmup,
    HttpHooks httpHooks,
    PolicyChoice policy) {

  /** Default of {@code memoryMb}. */
  public static final int DEFAULT_MEMORY_MB = 256;

  /** Least {@code memoryMb}. */
  public static final int MIN_MEMORY_MB = 32;

  /** Most {@code memoryMb}; the same as Lambda's. */
  public static final int MAX_MEMORY_MB = 10_240;

  /** Default of {@code timeoutMs}. */
  public static final int DEFAULT_TIMEOUT_MS = 30_000;

  /** Most {@code timeoutMs}: 15 minutes, the same as Lambda's. */
  public static final int MAX_TIMEOUT_MS = 900_000;

  /** Default of {@code maxInstances}. */
  public static final int DEFAULT_MAX_INSTANCES = 20;

  /** Most {@code maxInstances}. */
  public static final int MAX_MAX_INSTANCES = 1_000;

  /** How long idle instances live where neither the user nor the policy says it, in seconds. */
  public static final int DEFAULT_IDLE_SECONDS = 60;

  /** Most {@code idleSeconds}: a day. */
  public static final int MAX_IDLE_SECONDS = 86_400;

  /** Most bytes of all names and values of the environment; the same as Lambda's. */
  public static final int MAX_ENVIRONMENT_BYTES = 4_096;

  /** Most characters of {@code runtime}. */
  public static final int MAX_RUNTIME_LENGTH = 64;

  /** Most characters of {@code handler}. */
  public static final int MAX_HANDLER_LENGTH = 1_024;

  /** Default of {@code restoreMode}. */
  public static final RestoreMode DEFAULT_RESTORE_MODE = RestoreMode.AUTO;

  /**
   * Checks every field.
   *
   * @throws InvalidFieldException naming the first field at fault
   */
  public FunctionSettings {
    Ranges.checkText("runtime", runtime, MAX_RUNTIME_LENGTH, "python3");
    Ranges.checkText("handler", handler, MAX_HANDLER_LENGTH, "app.handler");
    Ranges.check("memoryMb", memoryMb, MIN_MEMORY_MB, MAX_MEMORY_MB, "MiB");
    Ranges.check("timeoutMs", timeoutMs, 1, MAX_TIMEOUT_MS, "milliseconds");
    Environment.check(environment);
    environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    Ranges.check("maxInstances", maxInstances, 1, MAX_MAX_INSTANCES, "instances");
    if (idleSeconds != null) {
      Ranges.check("idleSeconds", idleSeconds, 0, MAX_IDLE_SECONDS, "seconds");
    }
  }

  /** Settings with every default. */
  public static FunctionSettings of(String runtime, String handler) {
    return new FunctionSettings(
        runtime,
        handler,
        DEFAULT_MEMORY_MB,
        DEFAULT_TIMEOUT_MS,
        Map.of(),
        DEFAULT_MAX_INSTANCES,
        null,
        DEFAULT_RESTORE_MODE,
        Warmup.NONE,
        HttpHooks.NONE,
        PolicyChoice.DEFAULT);
  }

  /** The same settings under another policy. */
  public FunctionSettings withPolicy(PolicyChoice other) {
    return new FunctionSettings(
        runtime,
        handler,
        memoryMb,
        timeoutMs,
        environment,
        maxInstances,
        idleSeconds,
        restoreMode,
        warmup,
        httpHooks,
        other);
  }

  /**
   * Reads the JSON object of a deployment's {@code settings} part, strictly: an unknown field, a
   * field given twice and a wrong type are errors.
   *
   * @throws InvalidFieldException on anything that is not valid settings
   */
  public static FunctionSettings parse(byte[] json) {
    return SettingsJson.settings(JsonFields.parse(json));
  }
}
