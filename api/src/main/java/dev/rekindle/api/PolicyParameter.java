package dev.rekindle.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * One parameter of a policy.
 *
 * @param name its name
 * @param type its JSON type
 * @param defaultValue what it is when left out: {@code Long}, {@code Double}, {@code String} or
 *     {@code Boolean}
 * @param minimum least value of a number, where there is one
 * @param maximum greatest value of a number, where there is one
 * @param description what it does, with its unit
 */
public record PolicyParameter(
    String name,
    ParameterType type,
    @JsonProperty("default") Object defaultValue,
    @Nullable Double minimum,
    @Nullable Double maximum,
    String description) {
  /**
   * Brings the default into one form.
   *
   * @throws InvalidFieldException if it is no number, string or boolean
   */
  public PolicyParameter {
    defaultValue = ParameterValue.plain("default", defaultValue);
  }
}
