package dev.rekindle.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CriuLogTest {
  @TempDir Path directory;

  @Test
  void tail_isEmptyWithoutALog() {
    assertThat(CriuLog.tail(directory.resolve("absent.log"))).isEmpty();
  }

  @Test
  void tail_keepsShortLogsWithoutBlankLines() throws Exception {
    Path log = Files.writeString(directory.resolve("a.log"), "one\n\n  \ntwo");
    assertThat(CriuLog.tail(log)).isEqualTo(List.of("one", "two"));
  }

  @Test
  void tail_keepsTheLastLinesOfLongLogs() throws Exception {
    List<String> lines = IntStream.range(0, 50_000).mapToObj(i -> "line ü " + i).toList();
    Path log = Files.write(directory.resolve("a.log"), lines);
    assertThat(CriuLog.tail(log)).isEqualTo(lines.subList(50_000 - CriuLog.TAIL_LINES, 50_000));
  }

  @Test
  void tail_bearsBytesThatAreNoText() throws Exception {
    Path log = Files.write(directory.resolve("a.log"), new byte[] {(byte) 0xff, 'x', '\n', 'y'});
    assertThat(CriuLog.tail(log)).hasSize(2).endsWith("y");
  }
}
