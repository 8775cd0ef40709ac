package dev.rekindle.api;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The policy of a function and its tuning.
 *
 * @param name the policy's name; the service checks that it has it
 * @param parameters values for the policy's parameters: {@code Long}, {@code Double}, {@code
 *     String} or {@code Boolean}; what is left out has the policy's default
 */
public record PolicyChoice(String name, Map<String, Object> parameters) {
  /** Name of the default policy. */
  public static final String DEFAULT_NAME = "after-first";

  /** Most characters of {@code name}, and of a parameter's name. */
  public static final int MAX_NAME_LENGTH = 64;

  /** Most parameters; more than any policy has. */
  public static final int MAX_PARAMETERS = 64;

  /** The default policy as it comes. */
  public static final PolicyChoice DEFAULT = new PolicyChoice(DEFAULT_NAME, Map.of());

  /**
   * Checks the names and brings numbers into one form, so that equal choices are equal.
   *
   * @throws InvalidFieldException if a name is blank or a value is no number, string or boolean
   */
  public PolicyChoice {
    Ranges.checkText("policy.name", name, MAX_NAME_LENGTH, DEFAULT_NAME);
    if (parameters.size() > MAX_PARAMETERS) {
      throw new InvalidFieldException(
          "policy.parameters",
          "holds " + parameters.size() + " parameters",
          "Send at most " + MAX_PARAMETERS + ".");
    }
    Map<String, Object> copy = new LinkedHashMap<>();
    parameters.forEach((key, value) -> copy.put(key, plain(key, value)));
    parameters = Collections.unmodifiableMap(copy);
  }

  /**
   * Reads the JSON object of a policy, strictly.
   *
   * @throws InvalidFieldException on anything that is not a policy
   */
  public static PolicyChoice parse(byte[] json) {
    return SettingsJson.policy(JsonFields.parse(json));
  }

  private static Object plain(String key, Object value) {
    Ranges.checkText("policy.parameters", key, MAX_NAME_LENGTH, "weight");
    return ParameterValue.plain("policy.parameters." + key, value);
  }
}
