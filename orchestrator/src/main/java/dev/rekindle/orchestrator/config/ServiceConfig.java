package dev.rekindle.orchestrator.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.rekindle.api.InvalidFieldException;
import dev.rekindle.api.Json;
import dev.rekindle.warmers.FunctionSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the service; every one has a default. A configuration file is a JSON object with any
 * of these fields.
 *
 * @param host the address to listen on
 * @param port the port to listen on; 0 takes a free one
 * @param dataDir where functions and snapshots are kept
 * @param maxInstances how many instances this node runs at once, over all functions
 * @param queueLimit how many invocations of one function may wait for an instance
 * @param queueTimeoutMs how long an invocation may wait for an instance
 * @param bootTimeoutMs how long a cold start may take
 * @param shutdownTimeoutMs how long running invocations get to finish on SIGTERM
 * @param maxEventBytes the largest event
 * @param maxHttpBodyBytes the largest body of a request to a function that serves HTTP; it is
 *     passed on piece by piece, so no memory is needed for it
 * @param maxCodeBytes the largest zip
 * @param maxUnpackedBytes the largest sum of the files in a zip
 * @param standbyMemoryMb the most private memory that standby instances may hold, over all
 *     functions
 * @param minAvailableMemoryMb when the host has less memory than this to give, standby instances
 *     and then idle ones are ended
 * @param logBytes how much of each function's output is kept
 * @param region what functions find in {@code AWS_REGION} and in their ARN
 * @param accountId the account in the functions' ARN
 * @param store where snapshots are kept for good
 * @param tiers how much of this node snapshots may take, and what becomes of the rest
 * @param budget what all functions together may spend on being quick
 */
public record ServiceConfig(
    String host,
    int port,
    Path dataDir,
    int maxInstances,
    int queueLimit,
    int queueTimeoutMs,
    int bootTimeoutMs,
    int shutdownTimeoutMs,
    long maxEventBytes,
    long maxHttpBodyBytes,
    long maxCodeBytes,
    long maxUnpackedBytes,
    int standbyMemoryMb,
    int minAvailableMemoryMb,
    int logBytes,
    String region,
    String accountId,
    StoreConfig store,
    TierConfig tiers,
    BudgetConfig budget) {

  /** Local callers only, unless told otherwise: functions are other people's code. */
  public static final String DEFAULT_HOST = "127.0.0.1";

  /** Default of {@code port}. */
  public static final int DEFAULT_PORT = 8080;

  /** Default of {@code dataDir}. */
  public static final String DEFAULT_DATA_DIR = "/var/lib/rekindle";

  /** Default of {@code maxInstances}. */
  public static final int DEFAULT_MAX_INSTANCES = 200;

  /** Default of {@code queueLimit}. */
  public static final int DEFAULT_QUEUE_LIMIT = 1_000;

  /** Default of {@code queueTimeoutMs}. */
  public static final int DEFAULT_QUEUE_TIMEOUT_MS = 30_000;

  /** Default of {@code bootTimeoutMs}. */
  public static final int DEFAULT_BOOT_TIMEOUT_MS = 60_000;

  /** Default of {@code shutdownTimeoutMs}. */
  public static final int DEFAULT_SHUTDOWN_TIMEOUT_MS = 20_000;

  /** Default of {@code maxEventBytes}: Lambda's limit. */
  public static final long DEFAULT_MAX_EVENT_BYTES = 6L << 20;

  /** Default of {@code maxHttpBodyBytes}: uploads of photos and the like. */
  public static final long DEFAULT_MAX_HTTP_BODY_BYTES = 100L << 20;

  /** Default of {@code maxCodeBytes}: Lambda's limit is 50 MB for a direct upload. */
  public static final long DEFAULT_MAX_CODE_BYTES = 64L << 20;

  /** Default of {@code maxUnpackedBytes}: Lambda's limit is 250 MB. */
  public static final long DEFAULT_MAX_UNPACKED_BYTES = 512L << 20;

  /** Default of {@code standbyMemoryMb}: some hundred clones of a small function. */
  public static final int DEFAULT_STANDBY_MEMORY_MB = 1_024;

  /** Default of {@code minAvailableMemoryMb}: room for a few cold starts at once. */
  public static final int DEFAULT_MIN_AVAILABLE_MEMORY_MB = 512;

  /** Default of {@code logBytes}. */
  public static final int DEFAULT_LOG_BYTES = 1 << 20;

  /** Default of {@code accountId}: the one of Lambda's own examples. */
  public static final String DEFAULT_ACCOUNT_ID = "123456789012";

  private static final ObjectMapper STRICT =
      Json.mapper().copy().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /** Checks the ranges. */
  public ServiceConfig {
    check("port", port, 0, 65_535);
    check("maxInstances", maxInstances, 1, 10_000);
    check("queueLimit", queueLimit, 0, 100_000);
    check("queueTimeoutMs", queueTimeoutMs, 1, 900_000);
    check("bootTimeoutMs", bootTimeoutMs, 100, 900_000);
    check("shutdownTimeoutMs", shutdownTimeoutMs, 0, 900_000);
    check("maxEventBytes", maxEventBytes, 1, 1L << 30);
    check("maxHttpBodyBytes", maxHttpBodyBytes, 1, 1L << 40);
    check("maxCodeBytes", maxCodeBytes, 1, 200L << 20);
    check("maxUnpackedBytes", maxUnpackedBytes, 1, 10L << 30);
    check("standbyMemoryMb", standbyMemoryMb, 0, 1 << 20);
    check("minAvailableMemoryMb", minAvailableMemoryMb, 0, 1 << 20);
    check("logBytes", logBytes, 1 << 10, 1 << 28);
    check("region", region, "[a-z0-9-]{1,64}", "Use lower-case letters, digits and '-'.");
    check("accountId", accountId, "[0-9]{12}", "Use 12 digits.");
    if (store == null) {
      throw new InvalidFieldException(
          "store", "is null", "Leave it out to keep snapshots in a directory.");
    }
    if (budget == null) {
      throw new InvalidFieldException("budget", "is null", "Leave it out for the defaults.");
    }
    if (store.s3() != null && tiers.sharedDirectory() != null) {
      throw new InvalidFieldException(
          "tiers.sharedDirectory", "is given beside store.s3", "Choose one of the two.");
    }
    dataDir = dataDir.toAbsolutePath().normalize();
  }

  private static void check(String field, long value, long min, long max) {
    if (value < min || value > max) {
      throw new InvalidFieldException(
          field, "is " + value, "Choose a number from %d to %d.".formatted(min, max));
    }
  }

  private static void check(String field, String value, String form, String next) {
    if (value == null || !value.matches(form)) {
      throw new InvalidFieldException(field, "is '" + value + "'", next);
    }
  }

  /** The defaults. */
  public static ServiceConfig defaults() {
    return new ServiceConfig(
        DEFAULT_HOST,
        DEFAULT_PORT,
        Path.of(DEFAULT_DATA_DIR),
        DEFAULT_MAX_INSTANCES,
        DEFAULT_QUEUE_LIMIT,
        DEFAULT_QUEUE_TIMEOUT_MS,
        DEFAULT_BOOT_TIMEOUT_MS,
        DEFAULT_SHUTDOWN_TIMEOUT_MS,
        DEFAULT_MAX_EVENT_BYTES,
        DEFAULT_MAX_HTTP_BODY_BYTES,
        DEFAULT_MAX_CODE_BYTES,
        DEFAULT_MAX_UNPACKED_BYTES,
        DEFAULT_STANDBY_MEMORY_MB,
        DEFAULT_MIN_AVAILABLE_MEMORY_MB,
        DEFAULT_LOG_BYTES,
        FunctionSpec.DEFAULT_REGION,
        DEFAULT_ACCOUNT_ID,
        StoreConfig.DIRECTORY,
        TierConfig.defaults(),
        BudgetConfig.defaults());
  }

  /**
   * Reads a configuration.
   *
   * @param file a configuration file, or null for the defaults alone
   * @param overrides fields that go before those of the file
   * @throws InvalidFieldException if a field is unknown or out of range
   */
  public static ServiceConfig load(@Nullable Path file, Map<String, Object> overrides) {
    try {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.putAll(STRICT.convertValue(defaults(), MAP));
      if (file != null) {
        merge(fields, STRICT.readValue(Files.readAllBytes(file), MAP));
      }
      merge(fields, overrides);
      return STRICT.readValue(STRICT.writeValueAsBytes(fields), ServiceConfig.class);
    } catch (JsonProcessingException e) {
      if (e.getCause() instanceof InvalidFieldException invalid) {
        throw invalid;
      }
      throw invalid(file, e);
    } catch (IOException e) {
      throw new InvalidFieldException(
          "config", "cannot be read: " + e, "Name a readable JSON file.");
    }
  }

  /** Puts fields over others; in a section only those that it names. */
  private static void merge(Map<String, Object> fields, Map<?, ?> over) {
    over.forEach(
        (name, value) -> {
          if (value instanceof Map<?, ?> section
              && fields.get(name.toString()) instanceof Map<?, ?> under) {
            Map<String, Object> merged = new LinkedHashMap<>();
            merge(merged, under);
            merge(merged, section);
            fields.put(name.toString(), merged);
          } else {
            fields.put(name.toString(), value);
          }
        });
  }

  private static InvalidFieldException invalid(@Nullable Path file, JsonProcessingException e) {
    String field =
        e instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()
            ? mapping.getPath().stream()
                .map(part -> String.valueOf(part.getFieldName()))
                .collect(Collectors.joining("."))
            : "configuration";
    String problem =
        e instanceof UnrecognizedPropertyException unknown
            ? "is no setting; known here are "
                + unknown.getKnownPropertyIds().stream()
                    .map(String::valueOf)
                    .sorted()
                    .collect(Collectors.joining(", "))
            : e.getOriginalMessage();
    return new InvalidFieldException(
        field, problem, file == null ? "Correct it." : "Correct the file " + file + ".");
  }

  private static final com.fasterxml.jackson.core.type.TypeReference<Map<String, Object>> MAP =
      new com.fasterxml.jackson.core.type.TypeReference<>() {};
}
