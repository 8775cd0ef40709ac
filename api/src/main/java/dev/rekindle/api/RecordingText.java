package dev.rekindle.api;

import java.nio.charset.StandardCharsets;

/**
 * The form in which a recording is sent: CSV, a row for each request as it is measured, and then
 * one comment line that says how it ended. Without that line it is cut off. Readers of curves pass
 * over comments.
 */
public final class RecordingText {
  /** The first line: what the columns are. */
  public static final String HEADER = "request,latency_us";

  /** Begins the last line of a whole recording; the number of failed requests follows. */
  public static final String FAILED = "# failed=";

  /** Begins the last line of one that could not be finished; a problem document follows. */
  public static final String PROBLEM = "# problem=";

  private RecordingText() {}

  /** A row, with its line break. */
  public static String row(long request, long latencyUs) {
    return request + "," + latencyUs + "\n";
  }

  /** The last line of a whole recording, with its line break. */
  public static String end(long failed) {
    return FAILED + failed + "\n";
  }

  /** The last line of a recording that could not be finished, with its line break. */
  public static String end(Problem problem) {
    return PROBLEM + new String(Json.write(problem), StandardCharsets.UTF_8) + "\n";
  }
}
