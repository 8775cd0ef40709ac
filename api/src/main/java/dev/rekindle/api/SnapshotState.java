package dev.rekindle.api;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Where a snapshot is in its life. */
public enum SnapshotState {
  /** It is being dumped or stored; not yet restorable. */
  CREATING,
  /** It can be restored. */
  READY,
  /**
   * Restores of it failed repeatedly, or it is damaged; it is kept out of use until it is deleted.
   */
  UNUSABLE;

  /** The name on the wire: this constant in lower case. */
  @JsonValue
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
