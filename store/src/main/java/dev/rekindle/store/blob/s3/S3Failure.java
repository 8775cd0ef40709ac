package dev.rekindle.store.blob.s3;

import dev.rekindle.store.blob.BlobException.Reason;
import dev.rekindle.store.blob.s3.S3Credentials.MissingCredentials;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.ServerException;
import io.minio.errors.XmlParserException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * What went wrong with a request to an S3 server.
 *
 * @param reason the cause in the store's words
 * @param code the server's error code, or empty
 * @param detail what the server or the connection said, without credentials
 */
record S3Failure(Reason reason, String code, String detail) {
  private static final int REQUEST_TIMEOUT = 408;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERROR = 500;
  private static final int INSUFFICIENT_STORAGE = 507;

  private static final Set<String> DENIED =
      Set.of(
          "AccessDenied",
          "AccountProblem",
          "AllAccessDisabled",
          "ExpiredToken",
          "ExpiredTokenException",
          "InvalidAccessKeyId",
          "InvalidToken",
          "RequestTimeTooSkewed",
          "SignatureDoesNotMatch",
          "TokenRefreshRequired");
  private static final Set<String> FULL =
      Set.of(
          "InsufficientStorage",
          "QuotaExceeded",
          "XMinioAdminBucketQuotaExceeded",
          "XMinioStorageFull");
  private static final Set<String> MISCONFIGURED =
      Set.of(
          "AuthorizationHeaderMalformed",
          "IllegalLocationConstraintException",
          "InvalidBucketName",
          "InvalidRegion",
          "NoSuchBucket",
          "PermanentRedirect",
          "Redirect",
          "TemporaryRedirect");
  private static final Set<String> LATER =
      Set.of(
          "ConditionalRequestConflict",
          "InternalError",
          "OperationAborted",
          "RequestLimitExceeded",
          "RequestTimeout",
          "ServiceUnavailable",
          "SlowDown",
          "SlowDownRead",
          "SlowDownWrite",
          "Throttling",
          "ThrottlingException");

  /**
   * Reads a failure. Exceptions of the client library must not be kept: as text they hold the
   * request's headers, a session token among them.
   */
  static S3Failure of(Throwable thrown) {
    Throwable cause = thrown;
    while ((cause instanceof ExecutionException || cause instanceof CompletionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof ErrorResponseException answered) {
      var error = answered.errorResponse();
      return answered(answered.response().code(), error.code(), error.message());
    }
    if (cause instanceof ServerException answered) {
      return answered(answered.statusCode(), "", "");
    }
    if (cause instanceof UnexplainedStatus answered) {
      return answered(answered.status(), "", "not the answer of an S3 server");
    }
    if (cause instanceof XmlParserException) {
      return new S3Failure(Reason.UNAVAILABLE, "", "the answer was cut off or is not XML");
    }
    if (cause instanceof MissingCredentials missing) {
      return new S3Failure(Reason.ACCESS_DENIED, "", "no credentials: " + missing.getMessage());
    }
    if (cause instanceof TimeoutException || isTimeout(cause)) {
      return new S3Failure(Reason.TIMEOUT, "", String.valueOf(cause.getMessage()));
    }
    if (cause instanceof SSLHandshakeException || cause instanceof SSLPeerUnverifiedException) {
      return new S3Failure(Reason.MISCONFIGURED, "", "no trust: " + cause.getMessage());
    }
    if (cause instanceof SSLException || cause instanceof IOException) {
      return new S3Failure(Reason.UNAVAILABLE, "", cause.toString());
    }
    Throwable inner = cause.getCause();
    if (inner instanceof IOException) {
      return of(inner);
    }
    return new S3Failure(Reason.IO_FAILED, "", cause.getClass().getSimpleName());
  }

  private static boolean isTimeout(Throwable cause) {
    return cause instanceof InterruptedIOException;
  }

  /** What the server answered. */
  static S3Failure answered(int status, String code, String message) {
    String said = "HTTP status " + status + (code.isEmpty() ? "" : ", " + code);
    return new S3Failure(
        reason(status, code), code, said + (message.isEmpty() ? "" : ": " + message));
  }

  private static Reason reason(int status, String code) {
    if (DENIED.contains(code)) {
      return Reason.ACCESS_DENIED;
    }
    if (FULL.contains(code) || status == INSUFFICIENT_STORAGE) {
      return Reason.NO_SPACE;
    }
    if (MISCONFIGURED.contains(code)) {
      return Reason.MISCONFIGURED;
    }
    if (LATER.contains(code)
        || status >= SERVER_ERROR
        || status == REQUEST_TIMEOUT
        || status == TOO_MANY_REQUESTS) {
      return Reason.UNAVAILABLE;
    }
    return switch (code) {
      case "NoSuchKey" -> Reason.NOT_FOUND;
      case "PreconditionFailed" -> Reason.ALREADY_EXISTS;
      case "InvalidRange" -> Reason.UNEXPECTED_SIZE;
      default -> status == 403 ? Reason.ACCESS_DENIED : Reason.IO_FAILED;
    };
  }

  /** What a person can do about it. */
  String advice() {
    return switch (reason) {
      case UNAVAILABLE, TIMEOUT -> "check the server and the way to it";
      case ACCESS_DENIED ->
          code.equals("RequestTimeTooSkewed")
              ? "set this node's clock"
              : "check the credentials and their rights";
      case NO_SPACE -> "delete snapshots or add space";
      case MISCONFIGURED -> "check endpoint, bucket, region and path style";
      default -> "check that this is an S3 server";
    };
  }

  /** An error that is no S3 error, as a proxy on the way may send. */
  static final class UnexplainedStatus extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;

    UnexplainedStatus(int status) {
      super("HTTP status " + status);
      this.status = status;
    }

    int status() {
      return status;
    }
  }
}
