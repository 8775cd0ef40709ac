package dev.rekindle.warmers;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The JVM's options: ours, but for those that the function's JAVA_TOOL_OPTIONS set already. */
final class JavaOptions {
  /** Kept for what is not heap: classes, compiled code, stacks. */
  private static final int LEAST_RESERVE_MB = 64;

  private static final Pattern HEAP_SIZE =
      Pattern.compile("-Xmx\\S*|-XX:(MaxHeapSize|MaxRAMPercentage|MaxRAM)=\\S*");
  private static final Pattern START_SIZE =
      Pattern.compile("-Xms\\S*|-XX:(InitialHeapSize|InitialRAMPercentage)=\\S*");
  private static final Pattern COLLECTOR = Pattern.compile("-XX:\\+Use\\w+GC");

  private static final int START_HEAP_MB = 16;

  private JavaOptions() {}

  /**
   * @param memoryMb the function's limit in MiB
   * @param users the function's own JAVA_TOOL_OPTIONS; the JVM reads them first, so that ours would
   *     win
   */
  static List<String> of(int memoryMb, String users) {
    List<String> options = new ArrayList<>();
    // Else each JVM keeps a shared file under /tmp.
    options.add("-XX:-UsePerfData");
    // An archive of classes that does not fit is no business of the function's log.
    options.add("-Xlog:cds=off");
    options.add("-Xlog:cds+dynamic=off");
    options.add("-Dfile.encoding=UTF-8");
    options.add("-Dstdout.encoding=UTF-8");
    options.add("-Dstderr.encoding=UTF-8");
    // Where org.crac finds the hooks, as on Lambda.
    options.add("-Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac");
    if (!COLLECTOR.matcher(users).find()) {
      options.add("-XX:+UseSerialGC");
    }
    if (!HEAP_SIZE.matcher(users).find()) {
      options.add("-Xmx" + heapMb(memoryMb) + "m");
      if (!START_SIZE.matcher(users).find()) {
        options.add("-Xms" + Math.min(START_HEAP_MB, heapMb(memoryMb)) + "m");
      }
    }
    return options;
  }

  /** The limit less a fifth, at least 64 MiB, but never less than half of it. */
  static int heapMb(int memoryMb) {
    int reserve = Math.max(LEAST_RESERVE_MB, memoryMb / 5);
    return Math.max(memoryMb - reserve, (memoryMb + 1) / 2);
  }
}
