package dev.rekindle.api;

import java.util.Map;

/**
 * A policy that runs in the shadow of the one in force: it is told what happens and decides, but
 * nothing of it is carried out.
 *
 * @param name the policy's name; the service checks that it has it
 * @param parameters as in {@link PolicyChoice}
 */
public record ShadowChoice(String name, Map<String, Object> parameters) {
  /** Where it stands in the settings of a function. */
  public static final String FIELD = "policy.shadow";

  /**
   * Checks the names and brings numbers into one form, so that equal choices are equal.
   *
   * @throws InvalidFieldException if a name is blank or a value is no number, string or boolean
   */
  public ShadowChoice {
    parameters = PolicyChoice.checked(FIELD, name, parameters);
  }
}
