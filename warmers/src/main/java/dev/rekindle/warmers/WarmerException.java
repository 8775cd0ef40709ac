package dev.rekindle.warmers;

import java.io.Serial;

/** A runtime or a function cannot be prepared; the message says what to do about it. */
public final class WarmerException extends RuntimeException {
  /** Why it cannot. */
  public enum Cause {
    /** The runtime's interpreter is not installed, or does not run. */
    MISSING_RUNTIME,
    /** The handler's name is malformed. */
    INVALID_HANDLER,
    /** The bootstrap files could not be written. */
    CANNOT_EXTRACT
  }

  @Serial private static final long serialVersionUID = 1L;

  private final Cause reason;

  WarmerException(Cause reason, String message) {
    super(message);
    this.reason = reason;
  }

  WarmerException(Cause reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Why it cannot. */
  public Cause reason() {
    return reason;
  }
}
