package dev.rekindle.orchestrator.simulator;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A table of plain numbers in CSV with a known header. Fields are never quoted, so this is no CSV
 * in its full width; what it does not understand it refuses, with line and field.
 */
final class CsvTable {
  /** More rows than this are no recorded curve but a mistake, and would fill the heap. */
  static final int MAX_ROWS = 20_000_000;

  private CsvTable() {}

  /**
   * Reads all rows; empty lines, and comments that begin with #, are passed over.
   *
   * @return for each row the fields in the header's order
   * @throws InvalidFileException if the file is not that table
   */
  static List<double[]> read(Path file, List<String> header) {
    String name = file.toString();
    List<double[]> rows = new ArrayList<>();
    try (var reader = Files.newBufferedReader(file)) {
      String first = reader.readLine();
      String wanted = String.join(",", header);
      if (first == null) {
        throw new InvalidFileException(
            name, "it is empty", "Its first line is to be " + wanted + ".");
      }
      List<String> found =
          Arrays.stream(first.replace("\uFEFF", "").split(",", -1)).map(String::strip).toList();
      if (!found.equals(header)) {
        throw new InvalidFileException(
            name, 1, shortened(first), "is not the header", "Write " + wanted + ".");
      }
      int line = 1;
      for (String text = reader.readLine(); text != null; text = reader.readLine()) {
        line++;
        if (!text.isBlank() && !text.startsWith("#")) {
          if (rows.size() == MAX_ROWS) {
            throw new InvalidFileException(
                name, "it has more than " + MAX_ROWS + " rows", "Shorten it.");
          }
          rows.add(row(name, line, text, header));
        }
      }
    } catch (NoSuchFileException e) {
      throw new InvalidFileException(name, "there is no such file", "Name one that exists.");
    } catch (MalformedInputException e) {
      throw new InvalidFileException(name, "it is no text in UTF-8", "Write it anew.");
    } catch (IOException e) {
      throw new InvalidFileException(name, "it cannot be read: " + e.getMessage(), "Mend that.");
    }
    if (rows.isEmpty()) {
      throw new InvalidFileException(name, "it has no rows", "Record at least one request.");
    }
    return rows;
  }

  private static double[] row(String name, int line, String text, List<String> header) {
    String[] fields = text.split(",", -1);
    if (fields.length != header.size()) {
      String field = fields.length < header.size() ? header.get(fields.length) : "(after the last)";
      throw new InvalidFileException(
          name,
          line,
          field,
          "the line has %d fields, not %d".formatted(fields.length, header.size()),
          "Write one value for each of " + String.join(",", header) + ".");
    }
    double[] values = new double[fields.length];
    for (int i = 0; i < fields.length; i++) {
      try {
        values[i] = Double.parseDouble(fields[i].strip());
      } catch (NumberFormatException e) {
        throw new InvalidFileException(
            name,
            line,
            header.get(i),
            "'" + shortened(fields[i]) + "' is no number",
            "Correct it.");
      }
      if (!Double.isFinite(values[i]) || values[i] < 0) {
        throw new InvalidFileException(
            name, line, header.get(i), fields[i].strip() + " is out of range", "Write 0 or more.");
      }
    }
    return values;
  }

  private static String shortened(String text) {
    return text.length() <= 64 ? text : text.substring(0, 64) + "…";
  }
}
