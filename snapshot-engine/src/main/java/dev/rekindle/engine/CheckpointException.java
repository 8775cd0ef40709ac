package dev.rekindle.engine;

import java.util.List;

/** A checkpoint failed. Its message ends with the last lines of CRIU's log. */
public final class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What went wrong. */
  public enum Cause {
    /** CRIU cannot dump something that the function holds. */
    REFUSED,
    /** CRIU or the sandbox ended in the middle. */
    INTERRUPTED,
    /** It took too long. */
    TIMEOUT,
    /** The images could not be written. */
    STORAGE
  }

  private final Cause kind;
  private final boolean functionAlive;
  private final transient List<String> criuLog;

  CheckpointException(Cause kind, boolean functionAlive, String message, List<String> criuLog) {
    super(criuLog.isEmpty() ? message : message + "\n  " + String.join("\n  ", criuLog));
    this.kind = kind;
    this.functionAlive = functionAlive;
    this.criuLog = List.copyOf(criuLog);
  }

  /** What went wrong. */
  public Cause kind() {
    return kind;
  }

  /** Whether the function still runs and may serve on. */
  public boolean functionAlive() {
    return functionAlive;
  }

  /** The last lines of CRIU's log. */
  public List<String> criuLog() {
    return criuLog;
  }
}
