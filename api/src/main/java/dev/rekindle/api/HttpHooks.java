package dev.rekindle.api;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Paths of a function that serves HTTP to which the platform sends a POST request around snapshots.
 * The server must answer with a status of 2xx; else the checkpoint, or the restore, fails.
 *
 * @param beforeCheckpoint called before the function is frozen
 * @param afterRestore called in each clone before its first request, with a JSON object whose field
 *     {@code entropy} holds 64 random bytes in hexadecimal that no other clone gets, and whose
 *     field {@code epochMs} holds the time
 */
public record HttpHooks(@Nullable String beforeCheckpoint, @Nullable String afterRestore) {
  /** The default: the function is told nothing. */
  public static final HttpHooks NONE = new HttpHooks(null, null);

  /** Most characters of a path. */
  public static final int MAX_PATH_LENGTH = 1_024;

  private static final Pattern PATH = Pattern.compile("/[\\x21-\\x7e&&[^#]]*");

  /**
   * Checks the paths.
   *
   * @throws InvalidFieldException if one is no path of an HTTP request
   */
  public HttpHooks {
    check("httpHooks.beforeCheckpoint", beforeCheckpoint);
    check("httpHooks.afterRestore", afterRestore);
  }

  private static void check(String field, @Nullable String path) {
    if (path != null && (path.length() > MAX_PATH_LENGTH || !PATH.matcher(path).matches())) {
      throw new InvalidFieldException(
          field,
          "is no path of at most %d characters".formatted(MAX_PATH_LENGTH),
          "Send a percent-encoded path that begins with /.");
    }
  }
}
