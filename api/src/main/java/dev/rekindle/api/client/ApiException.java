package dev.rekindle.api.client;

import dev.rekindle.api.Problem;
import dev.rekindle.api.ProblemCode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A call of {@link RekindleClient} that did not succeed. */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why a call did not succeed. */
  public enum Reason {
    /** The service answered with a problem, which says what to do. */
    PROBLEM,
    /** No connection, or it broke. */
    UNREACHABLE,
    /** No reply in the client's time limit. */
    TIMEOUT,
    /** What answered is not this service, or a version with another contract. */
    UNREADABLE_REPLY,
    /** The calling thread was interrupted; its interrupt flag is set again. */
    INTERRUPTED
  }

  private final Reason reason;
  private final transient @Nullable Problem problem;

  /** A call that the service answered with a problem. */
  public ApiException(Problem problem) {
    super(problem.code() + ": " + problem.detail() + " " + problem.next());
    this.reason = Reason.PROBLEM;
    this.problem = problem;
  }

  /** A call that failed on its way. */
  ApiException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.problem = null;
  }

  /** Why it did not succeed. */
  public Reason reason() {
    return reason;
  }

  /** What the service said; there is one exactly if the reason is {@link Reason#PROBLEM}. */
  public Optional<Problem> problem() {
    return Optional.ofNullable(problem);
  }

  /** Whether the service answered with this code. */
  public boolean is(ProblemCode code) {
    return problem != null && problem.code().equals(code.wire());
  }
}
