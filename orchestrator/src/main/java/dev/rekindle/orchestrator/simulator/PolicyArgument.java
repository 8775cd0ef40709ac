package dev.rekindle.orchestrator.simulator;

import dev.rekindle.api.InvalidFieldException;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.orchestrator.policy.Policies;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Policies on the command line: {@code all}, or names with commas between them, each followed by
 * parameters where they are not to have their defaults: {@code fixed:request=20,cold}.
 */
final class PolicyArgument {
  private PolicyArgument() {}

  /**
   * Reads the argument.
   *
   * @throws InvalidFieldException if a policy or parameter is unknown or a value is out of range
   */
  static List<PolicyChoice> parse(String argument, Policies policies) {
    if (argument.equals("all")) {
      return policies.descriptions().stream()
          .map(each -> new PolicyChoice(each.name(), Map.of()))
          .toList();
    }
    List<PolicyChoice> choices = new ArrayList<>();
    for (String each : argument.split(",", -1)) {
      String[] parts = each.split(":", -1);
      Map<String, Object> parameters = new LinkedHashMap<>();
      for (int i = 1; i < parts.length; i++) {
        int sign = parts[i].indexOf('=');
        if (sign < 1) {
          throw new InvalidFieldException(
              "--policy",
              "'%s' is no parameter".formatted(parts[i]),
              "Write name:parameter=value, for example fixed:request=20.");
        }
        parameters.put(parts[i].substring(0, sign), value(parts[i].substring(sign + 1)));
      }
      choices.add(new PolicyChoice(parts[0].strip(), parameters));
    }
    return choices;
  }

  /**
   * Reads an argument that names one policy.
   *
   * @throws IllegalArgumentException if it names several
   * @throws InvalidFieldException as {@link #parse}
   */
  static PolicyChoice parseOne(String argument, Policies policies) {
    List<PolicyChoice> choices = parse(argument, policies);
    if (choices.size() != 1) {
      throw new IllegalArgumentException("--policy takes one name here");
    }
    return choices.get(0);
  }

  /** A choice as it is written on the command line. */
  static String text(PolicyChoice choice) {
    StringBuilder text = new StringBuilder(choice.name());
    choice.parameters().forEach((name, value) -> text.append(":" + name + "=" + value));
    return text.toString();
  }

  private static Object value(String text) {
    if (text.equals("true") || text.equals("false")) {
      return Boolean.valueOf(text);
    }
    try {
      double number = Double.parseDouble(text);
      return number == Math.rint(number) && Math.abs(number) < 1e15
          ? (Object) (long) number
          : (Object) number;
    } catch (NumberFormatException e) {
      return text;
    }
  }
}
