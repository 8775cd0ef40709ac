package dev.rekindle.api;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The rules for a function's environment variables. */
final class Environment {
  static final String FIELD = "environment";

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Set<String> RESERVED =
      Set.of("LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "_HANDLER", "_X_AMZN_TRACE_ID");
  private static final Set<String> RESERVED_PREFIXES = Set.of("REKINDLE_", "AWS_LAMBDA_");

  /** How the function wants its log; on Lambda they are settings of the function. */
  private static final Set<String> GIVEN_BY_USERS =
      Set.of("AWS_LAMBDA_LOG_FORMAT", "AWS_LAMBDA_LOG_LEVEL");

  private Environment() {}

  /**
   * Checks names, values and the total size.
   *
   * @throws InvalidFieldException naming the variable at fault
   */
  static void check(Map<String, String> variables) {
    long bytes = 0;
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      checkName(variable.getKey());
      if (variable.getValue().indexOf('\0') >= 0) {
        throw new InvalidFieldException(
            FIELD + "." + variable.getKey(),
            "holds a NUL character",
            "Send text without it: the operating system ends a variable there.");
      }
      bytes += utf8Length(variable.getKey()) + utf8Length(variable.getValue());
    }
    if (bytes > FunctionSettings.MAX_ENVIRONMENT_BYTES) {
      throw new InvalidFieldException(
          FIELD,
          "holds " + bytes + " bytes of names and values",
          "Send at most " + FunctionSettings.MAX_ENVIRONMENT_BYTES + " bytes in total.");
    }
  }

  private static void checkName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new InvalidFieldException(
          FIELD,
          "holds a name that is not one of an environment variable",
          "Use letters, digits and '_' in names, and do not start with a digit.");
    }
    if (RESERVED.contains(name)
        || (RESERVED_PREFIXES.stream().anyMatch(name::startsWith)
            && !GIVEN_BY_USERS.contains(name))) {
      throw new InvalidFieldException(
          FIELD + "." + name,
          "is reserved for the platform",
          "Choose a name other than LAMBDA_TASK_ROOT, LAMBDA_RUNTIME_DIR, _HANDLER and"
              + " _X_AMZN_TRACE_ID that does not start with REKINDLE_ or AWS_LAMBDA_; only"
              + " AWS_LAMBDA_LOG_FORMAT and AWS_LAMBDA_LOG_LEVEL may be set.");
    }
  }

  private static long utf8Length(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
