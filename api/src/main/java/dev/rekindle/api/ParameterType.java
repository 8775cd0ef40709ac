package dev.rekindle.api;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The JSON type of a policy's parameter. */
public enum ParameterType {
  /** A JSON number. */
  NUMBER,
  /** A JSON string. */
  STRING,
  /** A JSON true or false. */
  BOOL;

  /** The name on the wire: this constant in lower case. */
  @JsonValue
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
