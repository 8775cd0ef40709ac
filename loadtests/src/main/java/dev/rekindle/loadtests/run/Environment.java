package dev.rekindle.loadtests.run;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;

/**
 * Where and how a benchmark ran.
 *
 * @param cores processors
 * @param kernel the kernel's release
 * @param criu CRIU's version
 * @param java version of the JVM
 * @param date when it began
 * @param runtime the function's runtime
 * @param runs measurements of each mode
 * @param heapMb size of the function's heap
 */
public record Environment(
    int cores,
    String kernel,
    String criu,
    String java,
    Instant date,
    String runtime,
    int runs,
    int heapMb) {
  /** Reads this machine's facts. */
  public static Environment read(
      SampleFunction function, int runs, int heapMb, Path criu, Instant now) throws IOException {
    Machine machine = Machine.read(criu);
    return new Environment(
        machine.cores(),
        machine.kernel(),
        machine.criu(),
        machine.java(),
        now,
        function.runtime(),
        runs,
        heapMb);
  }
}
