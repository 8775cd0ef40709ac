package dev.rekindle.api;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Where an instance is in its life. */
public enum InstanceState {
  /** It boots or is being restored. */
  STARTING,
  /** It is restored and has served nothing yet. */
  STANDBY,
  /** It serves an event. */
  BUSY,
  /** It has served and waits for the next event. */
  IDLE,
  /** It is being frozen into a snapshot. */
  CHECKPOINTING;

  /** The name on the wire: this constant in lower case. */
  @JsonValue
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
