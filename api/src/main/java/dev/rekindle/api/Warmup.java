package dev.rekindle.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * What to run in an instance before it is checkpointed.
 *
 * @param events the events to invoke the function with, any JSON
 * @param rounds how often to go through all events
 */
public record Warmup(List<JsonNode> events, int rounds) {
  /** Most {@code rounds}. */
  public static final int MAX_ROUNDS = 100_000;

  /** The default: nothing is run. */
  public static final Warmup NONE = new Warmup(List.of(), 0);

  /**
   * Checks the rounds.
   *
   * @throws InvalidFieldException if they are out of range, or there are rounds without an event
   */
  public Warmup {
    events = List.copyOf(events);
    Ranges.check("warmup.rounds", rounds, 0, MAX_ROUNDS, "rounds");
    if (rounds > 0 && events.isEmpty()) {
      throw new InvalidFieldException(
          "warmup.events",
          "is empty, but warmup.rounds is " + rounds,
          "Send at least one event, or 0 rounds.");
    }
  }
}
