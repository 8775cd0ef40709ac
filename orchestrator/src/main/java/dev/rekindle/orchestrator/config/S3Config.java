package dev.rekindle.orchestrator.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.rekindle.api.InvalidFieldException;
import dev.rekindle.store.blob.BlobKey;
import dev.rekindle.store.blob.s3.S3Settings;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An S3 bucket that keeps snapshots. Credentials are no setting: they come from {@code
 * AWS_ACCESS_KEY_ID} and {@code AWS_SECRET_ACCESS_KEY}, {@code MINIO_ACCESS_KEY} and {@code
 * MINIO_SECRET_KEY}, {@code ~/.aws/credentials} or {@code ~/.aws/config}.
 *
 * @param endpoint the server's address, such as {@code https://s3.eu-west-1.amazonaws.com}
 * @param bucket the bucket's name
 * @param prefix what all keys begin with; nodes with the same bucket and prefix share snapshots
 * @param region the bucket's region
 * @param pathStyle whether the bucket is named in the path and not in the host name
 * @param createBucket whether a bucket that is missing is made
 * @param connectTimeoutMs how long a connection may take to come up
 * @param silenceTimeoutMs how long a connection may carry nothing
 * @param totalTimeoutMs how long one request may take with its repetitions
 * @param attempts how often a request is sent at most, while failures are passing ones
 */
public record S3Config(
    String endpoint,
    String bucket,
    String prefix,
    String region,
    boolean pathStyle,
    boolean createBucket,
    int connectTimeoutMs,
    int silenceTimeoutMs,
    int totalTimeoutMs,
    int attempts) {

  /** Default of {@code region}: what servers other than AWS take for any. */
  public static final String DEFAULT_REGION = "us-east-1";

  /** Default of {@code connectTimeoutMs}. */
  public static final int DEFAULT_CONNECT_TIMEOUT_MS = 3_000;

  /** Default of {@code silenceTimeoutMs}: a cold start is better than a long wait. */
  public static final int DEFAULT_SILENCE_TIMEOUT_MS = 10_000;

  /** Default of {@code totalTimeoutMs}: a part of 16 MiB passes at 0.3 MB/s. */
  public static final int DEFAULT_TOTAL_TIMEOUT_MS = 60_000;

  /** Default of {@code attempts}. */
  public static final int DEFAULT_ATTEMPTS = 4;

  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
  private static final Pattern REGION = Pattern.compile("[a-z0-9-]{1,64}");
  private static final int MOST_PREFIX = 400;

  /** Checks the fields. */
  public S3Config {
    checkEndpoint(endpoint);
    if (!BUCKET.matcher(bucket).matches()) {
      throw invalid(
          "bucket",
          bucket.isEmpty() ? "is missing" : "is '" + bucket + "'",
          "Give a bucket's name: 3 to 63 lower-case letters, digits, dots and hyphens.");
    }
    prefix = prefix.isEmpty() || prefix.endsWith("/") ? prefix : prefix + "/";
    if (prefix.length() > MOST_PREFIX
        || !(prefix.isEmpty() || BlobKey.isValid(prefix.substring(0, prefix.length() - 1)))) {
      throw invalid(
          "prefix",
          "is '" + prefix + "'",
          "Use names of A-Z a-z 0-9 . _ = - joined by '/', at most %d characters."
              .formatted(MOST_PREFIX));
    }
    if (!REGION.matcher(region).matches()) {
      throw invalid("region", "is '" + region + "'", "Give a region such as us-east-1.");
    }
    check("connectTimeoutMs", connectTimeoutMs, 1, 900_000);
    check("silenceTimeoutMs", silenceTimeoutMs, 1, 900_000);
    check("totalTimeoutMs", totalTimeoutMs, 1, 3_600_000);
    check("attempts", attempts, 1, 100);
  }

  /** Puts the defaults in for what is not given. */
  @JsonCreator
  static S3Config of(
      @JsonProperty("endpoint") @Nullable String endpoint,
      @JsonProperty("bucket") @Nullable String bucket,
      @JsonProperty("prefix") @Nullable String prefix,
      @JsonProperty("region") @Nullable String region,
      @JsonProperty("pathStyle") @Nullable Boolean pathStyle,
      @JsonProperty("createBucket") @Nullable Boolean createBucket,
      @JsonProperty("connectTimeoutMs") @Nullable Integer connectTimeoutMs,
      @JsonProperty("silenceTimeoutMs") @Nullable Integer silenceTimeoutMs,
      @JsonProperty("totalTimeoutMs") @Nullable Integer totalTimeoutMs,
      @JsonProperty("attempts") @Nullable Integer attempts) {
    return new S3Config(
        or(endpoint, ""),
        or(bucket, ""),
        or(prefix, ""),
        or(region, DEFAULT_REGION),
        or(pathStyle, true),
        or(createBucket, true),
        or(connectTimeoutMs, DEFAULT_CONNECT_TIMEOUT_MS),
        or(silenceTimeoutMs, DEFAULT_SILENCE_TIMEOUT_MS),
        or(totalTimeoutMs, DEFAULT_TOTAL_TIMEOUT_MS),
        or(attempts, DEFAULT_ATTEMPTS));
  }

  private static <T> T or(@Nullable T given, T otherwise) {
    return given == null ? otherwise : given;
  }

  private static void checkEndpoint(String endpoint) {
    String fix = "Give the server's address alone, such as https://s3.eu-west-1.amazonaws.com.";
    if (endpoint.isEmpty()) {
      throw invalid("endpoint", "is missing", fix);
    }
    URI uri;
    try {
      uri = new URI(endpoint);
    } catch (URISyntaxException e) {
      throw invalid("endpoint", "is no address", fix);
    }
    if (uri.getUserInfo() != null) {
      throw invalid(
          "endpoint", "holds credentials", "Leave them out: they come from the environment.");
    }
    boolean plain =
        ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
            && uri.getHost() != null
            && (uri.getPath().isEmpty() || uri.getPath().equals("/"))
            && uri.getQuery() == null
            && uri.getFragment() == null;
    if (!plain) {
      throw invalid("endpoint", "is '" + endpoint + "'", fix);
    }
  }

  private static void check(String field, int value, int min, int max) {
    if (value < min || value > max) {
      throw invalid(field, "is " + value, "Choose a number from %d to %d.".formatted(min, max));
    }
  }

  private static InvalidFieldException invalid(String field, String problem, String fix) {
    return new InvalidFieldException("store.s3." + field, problem, fix);
  }

  /** The same in the store's own terms. */
  public S3Settings settings() {
    return new S3Settings(
        URI.create(endpoint),
        bucket,
        prefix,
        region,
        pathStyle,
        createBucket,
        Duration.ofMillis(connectTimeoutMs),
        Duration.ofMillis(silenceTimeoutMs),
        Duration.ofMillis(totalTimeoutMs),
        attempts);
  }
}
