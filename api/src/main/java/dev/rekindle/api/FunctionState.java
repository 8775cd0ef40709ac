package dev.rekindle.api;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Where a function is in its life. */
public enum FunctionState {
  /** It can be invoked. */
  ACTIVE;

  /** The name on the wire: this constant in lower case. */
  @JsonValue
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
