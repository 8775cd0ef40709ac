package dev.rekindle.api;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How an invocation got its instance, and how an instance came to be. */
public enum StartKind {
  /** Booted from nothing. */
  COLD,
  /** Restored from a snapshot on the path of the request. */
  RESTORED,
  /** Restored ahead of need, and until then unused. */
  STANDBY,
  /** Served by an instance that had served before. */
  WARM;

  /** The name on the wire: this constant in lower case. */
  @JsonValue
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The kind with that name on the wire, or empty if this version knows none. */
  public static Optional<StartKind> find(String wire) {
    return Arrays.stream(values()).filter(kind -> kind.wire().equals(wire)).findFirst();
  }
}
