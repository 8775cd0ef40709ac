package dev.rekindle.warmers.jvm;

import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How entries of the log look, by the function's variables {@code AWS_LAMBDA_LOG_FORMAT} and {@code
 * AWS_LAMBDA_LOG_LEVEL}: as AWS's client writes them, but for the line end after entries of text.
 */
final class LogFormat {
  private static final boolean JSON =
      EnvironmentVariables.get("AWS_LAMBDA_LOG_FORMAT", "").equalsIgnoreCase("JSON");

  private static final LogLevel LEAST = least();

  /** The request that a thread serves: what other threads log has no request. */
  private static final ThreadLocal<Request> SERVED = new ThreadLocal<>();

  private LogFormat() {}

  /** Milliseconds always with three digits, unlike Instant's own form. */
  private static final class Timestamps {
    static final DateTimeFormatter FORM =
        new DateTimeFormatterBuilder().appendInstant(3).toFormatter();
  }

  private static LogLevel least() {
    String name = EnvironmentVariables.get("AWS_LAMBDA_LOG_LEVEL", "");
    try {
      return LogLevel.valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      return LogLevel.UNDEFINED; // everything, as without the variable
    }
  }

  static void serving(Request request) {
    SERVED.set(request);
  }

  /** Entries without a level are always wanted. */
  static boolean isWanted(LogLevel level) {
    return level == LogLevel.UNDEFINED || level.compareTo(LEAST) >= 0;
  }

  static boolean isJson() {
    return JSON;
  }

  /** One entry as the function's settings want it, without a line end of its own. */
  static String entry(@Nullable String message, LogLevel level) {
    if (JSON) {
      return json(message, level);
    }
    return level == LogLevel.UNDEFINED ? "" + message : "[" + level + "] " + message;
  }

  private static String json(@Nullable String message, LogLevel level) {
    return Replies.text(
        json -> {
          json.writeStringField("timestamp", Timestamps.FORM.format(Instant.now()));
          if (message != null) {
            json.writeStringField("message", Replies.valid(message));
          }
          json.writeStringField("level", level.name());
          Request request = SERVED.get();
          if (request != null) {
            json.writeStringField("AWSRequestId", request.text("requestId", ""));
            if (request.has("tenantId")) {
              json.writeStringField("tenantId", request.text("tenantId", ""));
            }
          }
        });
  }
}
