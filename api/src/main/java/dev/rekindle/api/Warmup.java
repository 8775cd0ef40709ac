package dev.rekindle.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * Sample events, and what to do with them.
 *
 * @param events the events to invoke the function with, any JSON
 * @param rounds how often to go through all events in an instance before it is checkpointed
 * @param training whether clones that serve no caller may be warmed with the events to the request
 *     number that the policy wants a snapshot of
 */
public record Warmup(List<JsonNode> events, int rounds, boolean training) {
  /** Most {@code rounds}. */
  public static final int MAX_ROUNDS = 100_000;

  /** The default: nothing is run. */
  public static final Warmup NONE = new Warmup(List.of(), 0, false);

  /**
   * Checks the rounds, and that there are events for what is to be done with them.
   *
   * @throws InvalidFieldException if the rounds are out of range, or events are missing
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
    if (training && events.isEmpty()) {
      throw new InvalidFieldException(
          "warmup.events",
          "is empty, but warmup.training is true",
          "Send at least one event to train with, or leave warmup.training out.");
    }
  }
}
