package dev.rekindle.loadtests.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Memory of a process as the kernel accounts it, by the same definition as the service uses.
 *
 * @param privateBytes pages that no other process maps
 * @param sharedBytes pages that other processes map too
 */
public record ProcessMemory(long privateBytes, long sharedBytes) {
  /** Reads a living process. */
  public static ProcessMemory read(long pid) throws IOException {
    return parse(Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup")));
  }

  /** Reads the lines of an smaps_rollup file. */
  static ProcessMemory parse(List<String> lines) {
    return new ProcessMemory(sum(lines, "Private_"), sum(lines, "Shared_"));
  }

  /** Sums lines such as {@code Private_Dirty: 1520 kB}; those of huge pages count as well. */
  private static long sum(List<String> lines, String prefix) {
    return lines.stream()
        .filter(line -> line.startsWith(prefix))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1_024)
        .sum();
  }

  /** The pid that a process has in its own pid namespace, or -1 if it is gone. */
  public static long innermostPid(long pid) {
    try {
      return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
          .filter(line -> line.startsWith("NSpid:"))
          .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf('\t') + 1)))
          .findFirst()
          .orElse(-1);
    } catch (IOException e) {
      return -1;
    }
  }
}
