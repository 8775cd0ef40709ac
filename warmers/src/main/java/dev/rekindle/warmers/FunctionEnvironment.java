package dev.rekindle.warmers;

import java.util.HashMap;
import java.util.Map;

/** The variables that every function's process gets, whatever its runtime. */
final class FunctionEnvironment {
  private FunctionEnvironment() {}

  /** What the user may override. */
  static Map<String, String> defaults() {
    return Map.of(
        "HOME", "/tmp",
        "TMPDIR", "/tmp",
        "PATH", "/usr/local/bin:/usr/bin:/bin",
        "LANG", "C.UTF-8",
        "TZ", "UTC");
  }

  /** What the user may override, then the user's own, then what the bootstrap relies on. */
  static Map<String, String> of(FunctionSpec function, RuntimePaths paths) {
    Map<String, String> all = new HashMap<>(defaults());
    all.put("AWS_REGION", function.region());
    // Tracers complain of a missing segment by an exception otherwise.
    all.put("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR");
    all.putAll(function.environment());
    all.putIfAbsent("AWS_DEFAULT_REGION", all.getOrDefault("AWS_REGION", function.region()));
    all.put("REKINDLE_SOCKET", paths.socket().toString());
    all.put("_HANDLER", function.handler());
    all.put("LAMBDA_TASK_ROOT", paths.task().toString());
    all.put("LAMBDA_RUNTIME_DIR", paths.bootstraps().toString());
    all.put("AWS_LAMBDA_INITIALIZATION_TYPE", function.snapshots() ? "snap-start" : "on-demand");
    all.put("AWS_EXECUTION_ENV", "Rekindle_" + function.runtime());
    all.put("AWS_LAMBDA_FUNCTION_NAME", function.name());
    all.put("AWS_LAMBDA_FUNCTION_VERSION", function.version());
    all.put("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", Integer.toString(function.memoryMb()));
    all.put("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/" + function.name());
    return all;
  }
}
