package dev.rekindle.api;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Where an asynchronous invocation is. */
public enum AsyncState {
  /** It is accepted and waits for an instance. */
  QUEUED,
  /** An instance has it. */
  RUNNING,
  /** The function answered, with a result or with an error of its own. */
  DONE,
  /** The platform could not run it. */
  FAILED;

  /** The name on the wire: this constant in lower case. */
  @JsonValue
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
