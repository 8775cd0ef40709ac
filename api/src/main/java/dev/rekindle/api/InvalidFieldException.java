package dev.rekindle.api;

/** A field of a request is missing, unknown, of the wrong type or out of range. */
public final class InvalidFieldException extends IllegalArgumentException {

  /** The name used in place of a field when the body as a whole cannot be read. */
  public static final String BODY = "body";

  private final String field;
  private final String problem;
  private final String fix;

  /**
   * Makes the exception.
   *
   * @param field the field's path, such as {@code warmup.rounds}, or {@link #BODY}
   * @param problem what is wrong, as a sentence about the field without its name
   * @param fix what to send instead
   */
  public InvalidFieldException(String field, String problem, String fix) {
    super(field + ": " + problem + ". " + fix);
    this.field = field;
    this.problem = problem;
    this.fix = fix;
  }

  /** The field's path, or {@link #BODY}. */
  public String field() {
    return field;
  }

  /** What is wrong with it. */
  public String problem() {
    return problem;
  }

  /** What to send instead. */
  public String fix() {
    return fix;
  }

  /** The code of the problem that this is: the body as a whole, or one field of it. */
  public ProblemCode code() {
    return field.equals(BODY) ? ProblemCode.INVALID_REQUEST : ProblemCode.INVALID_FIELD;
  }
}
