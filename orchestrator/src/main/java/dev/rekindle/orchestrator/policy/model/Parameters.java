package dev.rekindle.orchestrator.policy.model;

import dev.rekindle.api.InvalidFieldException;
import dev.rekindle.api.NearestName;
import dev.rekindle.api.ParameterType;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.PolicyParameter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The parameters that a function chose for its policy, checked against what the policy takes. */
public final class Parameters {
  private final Map<String, Object> values = new TreeMap<>();

  /**
   * Checks a choice.
   *
   * @throws InvalidFieldException if a parameter is unknown, of another type or out of range
   */
  public Parameters(PolicyChoice choice, List<PolicyParameter> known) {
    known.forEach(parameter -> values.put(parameter.name(), parameter.defaultValue()));
    choice
        .parameters()
        .forEach((name, value) -> values.put(name, checked(choice, known, name, value)));
  }

  /** Declares a parameter that is a number. */
  public static PolicyParameter numeric(
      String name, double value, double minimum, double maximum, String description) {
    Object plain = value == Math.rint(value) ? (Object) (long) value : (Object) value;
    return new PolicyParameter(name, ParameterType.NUMBER, plain, minimum, maximum, description);
  }

  private static Object checked(
      PolicyChoice choice, List<PolicyParameter> known, String name, Object value) {
    String field = "policy.parameters." + name;
    PolicyParameter parameter =
        known.stream()
            .filter(candidate -> candidate.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new InvalidFieldException(
                        field,
                        "policy '%s' has no such parameter".formatted(choice.name()),
                        NearestName.of(name, known.stream().map(PolicyParameter::name).toList())
                                .map("Did you mean '%s'? "::formatted)
                                .orElse("")
                            + "GET /v1/policies lists each policy's parameters."));
    boolean fits =
        switch (parameter.type()) {
          case NUMBER -> value instanceof Number;
          case STRING -> value instanceof String;
          case BOOL -> value instanceof Boolean;
        };
    if (!fits) {
      throw new InvalidFieldException(
          field, "is no " + parameter.type().wire(), "Send a " + parameter.type().wire() + ".");
    }
    if (value instanceof Number number) {
      double n = number.doubleValue();
      Double min = parameter.minimum();
      Double max = parameter.maximum();
      if ((min != null && n < min) || (max != null && n > max)) {
        throw new InvalidFieldException(
            field, "is " + value, "Choose a number from %s to %s.".formatted(min, max));
      }
    }
    return value;
  }

  /**
   * A parameter that must be whole.
   *
   * @throws InvalidFieldException if it is not
   */
  public int wholeNumber(String name) {
    double value = ((Number) values.getOrDefault(name, 0)).doubleValue();
    if (value != Math.rint(value)) {
      throw new InvalidFieldException(
          "policy.parameters." + name, "is " + value, "Choose a whole number.");
    }
    return (int) value;
  }

  /** A parameter that is a number. */
  public double number(String name) {
    return ((Number) values.getOrDefault(name, 0)).doubleValue();
  }

  /** A parameter that is true or false. */
  boolean flag(String name) {
    return (Boolean) values.getOrDefault(name, false);
  }
}
