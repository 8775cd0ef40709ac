package dev.rekindle.orchestrator.policy.model;

import java.time.Duration;

/**
 * What one invocation's parts took. Policies count in nanoseconds throughout; a {@link Duration}
 * for each part would cost the simulator half of its speed.
 *
 * @param startNanos what the caller waited for the instance's start (queue, fetch, restore or
 *     boot); 0 on a warm or standby instance
 * @param handlerNanos from handing over the event to the answer
 */
public record Phases(long startNanos, long handlerNanos) {
  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException if one is negative
   */
  public Phases {
    if (startNanos < 0 || handlerNanos < 0) {
      throw new IllegalArgumentException(
          "a phase is negative: start %d ns, handler %d ns".formatted(startNanos, handlerNanos));
    }
  }

  /** The same from durations. */
  public static Phases of(Duration start, Duration handler) {
    return new Phases(start.toNanos(), handler.toNanos());
  }

  /** What the caller felt. */
  public long totalNanos() {
    return startNanos + handlerNanos;
  }
}
