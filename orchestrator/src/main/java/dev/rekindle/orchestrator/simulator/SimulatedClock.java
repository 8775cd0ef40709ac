package dev.rekindle.orchestrator.simulator;

import java.time.Instant;
import java.time.InstantSource;

/** A clock that stands still until it is moved. */
final class SimulatedClock implements InstantSource {
  private long nanos;

  /** Moves to a time, in nanoseconds since the simulation's start; never back. */
  void moveTo(long target) {
    nanos = Math.max(nanos, target);
  }

  void advance(long by) {
    nanos += by;
  }

  long nanos() {
    return nanos;
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochSecond(nanos / 1_000_000_000L, nanos % 1_000_000_000L);
  }
}
