package dev.rekindle.engine.sandbox;

/** A sandbox could not be made, or refused a request, or is gone. */
public final class SandboxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What went wrong. */
  public enum Cause {
    /** The sandbox daemon or the sandbox's init is gone. */
    GONE,
    /** The kernel or the host refused a step. */
    REFUSED,
    /** This kernel cannot do it at all. */
    UNSUPPORTED,
    /** No answer in time. */
    TIMEOUT
  }

  private final Cause kind;

  /** A failure whose message says what to do next. */
  public SandboxException(Cause kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** A failure whose message says what to do next. */
  public SandboxException(Cause kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What went wrong. */
  public Cause kind() {
    return kind;
  }
}
