package dev.rekindle.engine.pages;

/** The page server cannot serve an instance, or stopped serving it. */
public final class PageServerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What went wrong. */
  public enum Cause {
    /** The server is closed, or one of its threads died. */
    SERVER_ENDED,
    /** The pages cannot be had. */
    SOURCE_FAILED,
    /** A system call failed that should not. */
    KERNEL_REFUSED,
    /** CRIU ended the conversation early or said something unknown. */
    RESTORE_BROKEN
  }

  private final Cause kind;

  PageServerException(Cause kind, String message) {
    super(message);
    this.kind = kind;
  }

  PageServerException(Cause kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What went wrong. */
  public Cause kind() {
    return kind;
  }
}
