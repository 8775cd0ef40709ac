package dev.rekindle.api;

import dev.rekindle.api.client.ApiException;
import dev.rekindle.api.client.Recording;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

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

  /**
   * Reads a recording to its end.
   *
   * @param progress called with the number of rows so far, after each
   * @throws ApiException if it ends with a problem
   * @throws IOException if it is cut off or is no recording
   */
  public static Recording read(BufferedReader lines, IntConsumer progress) throws IOException {
    expect(HEADER.equals(lines.readLine()), "does not begin with " + HEADER);
    List<Long> latencies = new ArrayList<>();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith(PROBLEM)) {
        throw new ApiException(
            Json.mapper().readValue(line.substring(PROBLEM.length()), Problem.class));
      }
      if (line.startsWith(FAILED)) {
        return new Recording(latencies, number(line.substring(FAILED.length())));
      }
      String request = latencies.size() + 1 + ",";
      expect(line.startsWith(request), "has a row that is not the next one: " + line);
      latencies.add(number(line.substring(request.length())));
      progress.accept(latencies.size());
    }
    throw new IOException("ends after %d rows without saying why".formatted(latencies.size()));
  }

  private static long number(String text) throws IOException {
    try {
      long number = Long.parseLong(text);
      expect(number >= 0, "has a number below 0: " + text);
      return number;
    } catch (NumberFormatException e) {
      throw new IOException("has no whole number where there should be one: " + text, e);
    }
  }

  private static void expect(boolean condition, String otherwise) throws IOException {
    if (!condition) {
      throw new IOException(otherwise);
    }
  }
}
