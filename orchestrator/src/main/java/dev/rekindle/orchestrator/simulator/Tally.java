package dev.rekindle.orchestrator.simulator;

import java.util.Arrays;

/** Counts what happens in a simulation. */
final class Tally {
  private static final double NANOS_PER_MS = 1e6;
  private final long[] latencies;
  private int count;
  private long dumpNanos;
  private long checkpoints;
  private long restores;
  private long coldStarts;
  private long storedBytes;
  private long mostStoredBytes;
  private long movedBytes;

  Tally(int requests) {
    latencies = new long[requests];
  }

  void latency(long nanos) {
    latencies[count++] = nanos;
  }

  void coldStart() {
    coldStarts++;
  }

  void restore(long bytes) {
    restores++;
    movedBytes += bytes;
  }

  void checkpoint(long nanos, long bytes) {
    checkpoints++;
    dumpNanos += nanos;
    movedBytes += bytes;
    storedBytes += bytes;
    mostStoredBytes = Math.max(mostStoredBytes, storedBytes);
  }

  void removed(long bytes) {
    storedBytes -= bytes;
  }

  /** What all snapshots take in the store now. */
  double storedBytes() {
    return storedBytes;
  }

  long coldStarts() {
    return coldStarts;
  }

  /** The latencies so far, in order of the requests. */
  long[] latencies() {
    return Arrays.copyOf(latencies, count);
  }

  Outcome outcome(String name) {
    long[] sorted = latencies();
    Arrays.sort(sorted);
    double sum = 0;
    for (long each : sorted) {
      sum += each;
    }
    return new Outcome(
        name,
        percentile(sorted, 0.5),
        sum / Math.max(1, count) / NANOS_PER_MS,
        percentile(sorted, 0.99),
        (sum + dumpNanos) / 1e9,
        checkpoints,
        restores,
        coldStarts,
        mostStoredBytes / 1e6,
        movedBytes / 1e6);
  }

  /** The least value that at least that share of all values does not exceed. */
  private static double percentile(long[] sorted, double share) {
    if (sorted.length == 0) {
      return 0;
    }
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted[Math.max(0, rank - 1)] / NANOS_PER_MS;
  }
}
