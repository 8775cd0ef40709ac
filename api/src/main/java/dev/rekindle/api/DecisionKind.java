package dev.rekindle.api;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a policy decides. */
public enum DecisionKind {
  /** What to start an instance from. */
  START,
  /** To freeze an instance. */
  CHECKPOINT,
  /** Not to freeze an instance, where that was weighed. */
  NO_CHECKPOINT,
  /** To remove a snapshot. */
  PRUNE,
  /** That what was learnt is out of date. */
  RELEARN;

  /** The name on the wire: this constant in lower case, with hyphens. */
  @JsonValue
  public String wire() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
