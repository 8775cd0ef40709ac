package dev.rekindle.loadtests.policies;

import dev.rekindle.api.PolicyChoice;
import dev.rekindle.loadtests.run.HeavyFunction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code bench policies} measures.
 *
 * @param functions the functions that are invoked
 * @param policies the policies that are compared; none for all that the service has
 * @param requests invocations of each function under each policy
 * @param evictEvery after how many of these all instances are evicted
 */
record PoliciesSettings(
    List<HeavyFunction> functions, List<PolicyChoice> policies, int requests, int evictEvery) {
  /** Most {@code requests}. */
  static final int MAX_REQUESTS = 1_000_000;

  /** Every policy of the service. */
  static final String ALL = "all";

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException naming the option at fault
   */
  PoliciesSettings {
    functions = List.copyOf(functions);
    policies = List.copyOf(policies);
    check("--requests", requests);
    check("--evict-every", evictEvery);
  }

  private static void check(String option, int value) {
    if (value < 1 || value > MAX_REQUESTS) {
      throw new IllegalArgumentException(
          "%s takes a number from 1 to %d, not %d".formatted(option, MAX_REQUESTS, value));
    }
  }

  /** Reads runtimes with commas between them. */
  static List<HeavyFunction> functions(String argument) {
    return Arrays.stream(argument.split(",", -1))
        .map(String::strip)
        .map(HeavyFunction::named)
        .distinct()
        .toList();
  }

  /**
   * Reads policies with commas between them, each followed by parameters where they are not to have
   * their defaults: {@code fixed:request=20,cold}. The service checks them.
   *
   * @throws IllegalArgumentException if a parameter has no value
   */
  static List<PolicyChoice> policies(String argument) {
    if (argument.equals(ALL)) {
      return List.of();
    }
    List<PolicyChoice> choices = new ArrayList<>();
    for (String each : argument.split(",", -1)) {
      List<String> parts = List.of(each.strip().split(":", -1));
      Map<String, Object> parameters = new LinkedHashMap<>();
      for (String parameter : parts.subList(1, parts.size())) {
        int sign = parameter.indexOf('=');
        if (sign < 1) {
          throw new IllegalArgumentException(
              "--policy takes names such as fixed:request=20, not " + each);
        }
        parameters.put(parameter.substring(0, sign), value(parameter.substring(sign + 1)));
      }
      choices.add(new PolicyChoice(parts.get(0), parameters));
    }
    return choices;
  }

  private static Object value(String text) {
    try {
      double number = Double.parseDouble(text);
      boolean whole = number == Math.rint(number) && Math.abs(number) < 1e15;
      return whole ? (Object) (long) number : (Object) number;
    } catch (NumberFormatException e) {
      return text;
    }
  }
}
