package dev.rekindle.orchestrator.simulator;

/** When requests come, in nanoseconds since the beginning, ascending. */
final class Arrivals {
  /** No times: each request comes when the one before is answered. */
  static final Arrivals ONE_AFTER_THE_OTHER = new Arrivals(new long[0]);

  private final long[] nanos;

  /** Takes over the array. */
  Arrivals(long[] nanos) {
    this.nanos = nanos;
  }

  boolean isEmpty() {
    return nanos.length == 0;
  }

  int size() {
    return nanos.length;
  }

  long at(int index) {
    return nanos[index];
  }
}
