package dev.rekindle.warmers.jvm;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;

/** The process's variables as System.getenv shows them, which Java itself can only read. */
final class EnvironmentVariables {
  private EnvironmentVariables() {}

  static String get(String name, String otherwise) {
    String value = System.getenv(name);
    return value == null ? otherwise : value;
  }

  /**
   * Sets variables, for System.getenv and for the processes that the function starts. What is read
   * meanwhile on another thread may be the old value.
   */
  @SuppressWarnings({"unchecked", "rawtypes"}) // a map of the JDK's private types
  static void set(Map<String, String> variables) {
    if (variables.isEmpty()) {
      return;
    }
    try {
      Class<?> environment = Class.forName("java.lang.ProcessEnvironment");
      Field field = JdkInternals.field(environment, "theEnvironment");
      Method name = JdkInternals.method("java.lang.ProcessEnvironment$Variable", "valueOf");
      Method value = JdkInternals.method("java.lang.ProcessEnvironment$Value", "valueOf");
      Map shown = (HashMap) field.get(null);
      for (Map.Entry<String, String> variable : variables.entrySet()) {
        shown.put(name.invoke(null, variable.getKey()), value.invoke(null, variable.getValue()));
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "this JDK (" + Runtime.version() + ") keeps its environment elsewhere: " + e, e);
    }
  }
}
