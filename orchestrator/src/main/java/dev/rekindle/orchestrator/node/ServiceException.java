package dev.rekindle.orchestrator.node;

import dev.rekindle.api.ProblemCode;

/** A call that the service cannot carry out; becomes a problem document. */
public final class ServiceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ProblemCode code;
  private final String next;

  /** A failure with the code's own advice. */
  public ServiceException(ProblemCode code, String detail) {
    this(code, detail, code.next());
  }

  /** A failure with advice of its own. */
  public ServiceException(ProblemCode code, String detail, String next) {
    super(detail);
    this.code = code;
    this.next = next;
  }

  /** Which problem it is. */
  public ProblemCode code() {
    return code;
  }

  /** What the caller should do next. */
  public String next() {
    return next;
  }
}
