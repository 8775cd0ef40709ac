package dev.rekindle.api;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is sent when a call fails, as {@code application/problem+json} (RFC 9457).
 *
 * @param type urn:rekindle:problem:CODE
 * @param title the code's title
 * @param status the HTTP status
 * @param detail what failed, on which thing, and why
 * @param code the stable name, one of {@link ProblemCode} or a newer one
 * @param requestId the request's id, as in header {@link Headers#REQUEST_ID}
 * @param next what to do next
 * @param field the field of the request that is at fault, where it is one
 */
public record Problem(
    String type,
    String title,
    int status,
    String detail,
    String code,
    @Nullable String requestId,
    String next,
    @Nullable String field) {

  /** The media type of a problem. */
  public static final String MEDIA_TYPE = "application/problem+json";

  /** A problem with the code's own advice. */
  public static Problem of(ProblemCode code, String detail, @Nullable String requestId) {
    return of(code, detail, requestId, code.next());
  }

  /** A problem with advice of its own. */
  public static Problem of(
      ProblemCode code, String detail, @Nullable String requestId, String next) {
    return new Problem(
        code.type(), code.title(), code.status(), detail, code.wire(), requestId, next, null);
  }

  /** The problem that an invalid field is. */
  public static Problem of(InvalidFieldException invalid, @Nullable String requestId) {
    ProblemCode code = invalid.code();
    return new Problem(
        code.type(),
        code.title(),
        code.status(),
        invalid.field() + ": " + invalid.problem(),
        code.wire(),
        requestId,
        invalid.fix(),
        code == ProblemCode.INVALID_FIELD ? invalid.field() : null);
  }

  /** The code as this version knows it, or empty for the code of a newer service. */
  public Optional<ProblemCode> knownCode() {
    return ProblemCode.find(code);
  }
}
