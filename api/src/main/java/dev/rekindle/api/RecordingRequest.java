package dev.rekindle.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to record of a function: the latency of each request in the life of one fresh process.
 *
 * @param requests how many requests the process serves
 * @param events what they are, one after the other and then from the first again; null for the
 *     function's own warm-up events or, if it has none, the event <code>{}</code>
 */
public record RecordingRequest(int requests, @Nullable List<JsonNode> events) {
  /** Most {@code requests}: minutes of a function that answers within milliseconds. */
  public static final int MAX_REQUESTS = 100_000;

  /**
   * Checks the number and that there is an event.
   *
   * @throws InvalidFieldException naming the field at fault
   */
  public RecordingRequest {
    Ranges.check("requests", requests, 1, MAX_REQUESTS, "requests");
    if (events != null) {
      events = List.copyOf(events);
      if (events.isEmpty()) {
        throw new InvalidFieldException(
            "events", "is empty", "Send at least one event, or leave events out.");
      }
    }
  }

  /**
   * Reads the JSON object of a recording's request, strictly.
   *
   * @throws InvalidFieldException on anything that is none
   */
  public static RecordingRequest parse(byte[] json) {
    JsonFields fields = JsonFields.parse(json);
    fields.allowOnly(List.of("requests", "events"));
    if (fields.find("requests") == null) {
      throw new InvalidFieldException("requests", "is missing", "Send a whole number.");
    }
    return new RecordingRequest(
        fields.integer("requests", 0),
        fields.find("events") == null ? null : SettingsJson.events(fields, "events"));
  }
}
