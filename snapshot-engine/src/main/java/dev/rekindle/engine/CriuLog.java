package dev.rekindle.engine;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The end of a log that CRIU wrote: what a failed dump or restore is explained with. */
final class CriuLog {
  /** How many lines a failure carries. */
  static final int TAIL_LINES = 20;

  private static final int TAIL_BYTES = 16 << 10;

  private CriuLog() {}

  /** The last lines of the log, or none if there is no log. */
  static List<String> tail(Path log) {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      long from = Math.max(0, file.length() - TAIL_BYTES);
      byte[] bytes = new byte[(int) (file.length() - from)];
      file.seek(from);
      file.readFully(bytes);
      List<String> lines =
          new String(bytes, StandardCharsets.UTF_8).lines().filter(l -> !l.isBlank()).toList();
      return lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
    } catch (IOException e) {
      return List.of();
    }
  }
}
