package dev.rekindle.api;

import java.util.List;

/**
 * A policy that functions can choose.
 *
 * @param name its name
 * @param description what it decides, and when to choose it
 * @param parameters what can be tuned
 */
public record PolicyDescription(String name, String description, List<PolicyParameter> parameters) {
  /** Copies the list. */
  public PolicyDescription {
    parameters = List.copyOf(parameters);
  }
}
