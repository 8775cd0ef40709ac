package dev.rekindle.api;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How the memory of a snapshot comes back. */
public enum RestoreMode {
  /**
   * The service chooses the fastest mode that is correct for the runtime. Only a setting: an
   * instance always reports what was chosen.
   */
  AUTO,
  /** CRIU copies every page before the function runs. */
  EAGER,
  /** Pages are served on first touch. */
  LAZY,
  /** Pages are private mappings of one shared memory file. */
  MAPPED;

  /** The name on the wire: this constant in lower case. */
  @JsonValue
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The mode with that name on the wire, or empty if this version knows none. */
  public static Optional<RestoreMode> find(String wire) {
    return Arrays.stream(values()).filter(mode -> mode.wire().equals(wire)).findFirst();
  }
}
