package dev.rekindle.api.client;

import dev.rekindle.api.Json;
import dev.rekindle.api.Problem;
import dev.rekindle.api.RecordingText;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/** Reads a recording as the service sends it, in the form of {@link RecordingText}. */
final class RecordingReader {
  private RecordingReader() {}

  /**
   * Reads a recording to its end.
   *
   * @param progress called with the number of rows so far, after each
   * @throws ApiException if it ends with a problem
   * @throws IOException if it is cut off or is no recording
   */
  static Recording read(BufferedReader lines, IntConsumer progress) throws IOException {
    expect(
        RecordingText.HEADER.equals(lines.readLine()),
        "does not begin with " + RecordingText.HEADER);
    List<Long> latencies = new ArrayList<>();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith(RecordingText.PROBLEM)) {
        throw new ApiException(
            Json.mapper().readValue(line.substring(RecordingText.PROBLEM.length()), Problem.class));
      }
      if (line.startsWith(RecordingText.FAILED)) {
        return new Recording(latencies, number(line.substring(RecordingText.FAILED.length())));
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
