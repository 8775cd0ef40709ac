package dev.rekindle.api;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The policy of a function and its tuning.
 *
 * @param name the policy's name; the service checks that it has it
 * @param parameters values for the policy's parameters: {@code Long}, {@code Double}, {@code
 *     String} or {@code Boolean}; what is left out has the policy's default
 * @param shadow another policy that is to be tried on the same traffic; null for none
 */
public record PolicyChoice(
    String name, Map<String, Object> parameters, @Nullable ShadowChoice shadow) {
  /** Name of the default policy. */
  public static final String DEFAULT_NAME = "adaptive";

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
    parameters = checked("policy", name, parameters);
  }

  /** A choice without a shadow. */
  public PolicyChoice(String name, Map<String, Object> parameters) {
    this(name, parameters, null);
  }

  /** The same policy with another shadow, or none. */
  public PolicyChoice withShadow(@Nullable ShadowChoice other) {
    return new PolicyChoice(name, parameters, other);
  }

  static Map<String, Object> checked(String field, String name, Map<String, Object> parameters) {
    Ranges.checkText(field + ".name", name, MAX_NAME_LENGTH, DEFAULT_NAME);
    String inside = field + ".parameters";
    if (parameters.size() > MAX_PARAMETERS) {
      throw new InvalidFieldException(
          inside,
          "holds " + parameters.size() + " parameters",
          "Send at most " + MAX_PARAMETERS + ".");
    }
    Map<String, Object> copy = new LinkedHashMap<>();
    parameters.forEach((key, value) -> copy.put(key, plain(inside, key, value)));
    return Collections.unmodifiableMap(copy);
  }

  /**
   * Reads the JSON object of a policy, strictly.
   *
   * @throws InvalidFieldException on anything that is not a policy
   */
  public static PolicyChoice parse(byte[] json) {
    return SettingsJson.policy(JsonFields.parse(json));
  }

  private static Object plain(String field, String key, Object value) {
    Ranges.checkText(field, key, MAX_NAME_LENGTH, "weight");
    return ParameterValue.plain(field + "." + key, value);
  }
}
