package dev.rekindle.loadtests.run;

/** A benchmark that cannot be finished. Its message says why and what to do. */
public final class BenchmarkException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why it cannot be finished. */
  public enum Cause {
    /** The service did not come up, or did not do in time what it was asked for. */
    SERVICE,
    /** CRIU, or another program of the machine, failed. */
    MACHINE,
    /** A function gave a wrong answer, or was started in another way than asked for. */
    WRONG_ANSWER,
    /** It was interrupted or told to end. */
    INTERRUPTED
  }

  private final Cause cause;

  /** A failure whose message says what to do next. */
  public BenchmarkException(Cause cause, String message) {
    super(message);
    this.cause = cause;
  }

  /** Why it cannot be finished. */
  Cause kind() {
    return cause;
  }
}
