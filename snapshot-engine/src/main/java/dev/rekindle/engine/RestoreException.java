package dev.rekindle.engine;

import java.util.List;

/** A restore failed. Its message ends with the last lines of CRIU's log. */
public final class RestoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What went wrong. */
  public enum Cause {
    /** The snapshot was made on another kind of machine, or by another CRIU. */
    INCOMPATIBLE,
    /** The snapshot's files are not what they should be. */
    DAMAGED,
    /** CRIU refused. */
    REFUSED,
    /** CRIU or the sandbox ended in the middle. */
    INTERRUPTED,
    /** It took too long. */
    TIMEOUT
  }

  private final Cause kind;
  private final transient List<String> criuLog;

  RestoreException(Cause kind, String message, List<String> criuLog) {
    super(criuLog.isEmpty() ? message : message + "\n  " + String.join("\n  ", criuLog));
    this.kind = kind;
    this.criuLog = List.copyOf(criuLog);
  }

  /** A snapshot that does not fit this host. */
  public static RestoreException incompatible(String reason) {
    return new RestoreException(Cause.INCOMPATIBLE, reason, List.of());
  }

  /** What went wrong. */
  public Cause kind() {
    return kind;
  }

  /** The last lines of CRIU's log. */
  public List<String> criuLog() {
    return criuLog;
  }
}
