package dev.rekindle.api;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The rules for a function's environment variables. */
final class Environment {
  static final String FIELD = "environment";

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Set<String> RESERVED = Set.of("LAMBDA_TASK_ROOT", "_HANDLER");
  private static final Set<String> RESERVED_PREFIXES = Set.of("REKINDLE_", "AWS_LAMBDA_");

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
    if (RESERVED.contains(name) || RESERVED_PREFIXES.stream().anyMatch(name::startsWith)) {
      throw new InvalidFieldException(
          FIELD + "." + name,
          "is reserved for the platform",
          "Choose a name other than LAMBDA_TASK_ROOT and _HANDLER that does not start with"
              + " REKINDLE_ or AWS_LAMBDA_.");
    }
  }

  private static long utf8Length(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
