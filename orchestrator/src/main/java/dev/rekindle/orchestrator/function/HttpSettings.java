package dev.rekindle.orchestrator.function;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.HttpHooks;
import dev.rekindle.api.InvalidFieldException;
import dev.rekindle.warmers.channel.HttpCall;
import java.util.List;

/** What settings may say of HTTP, which depends on whether the runtime serves it. */
public final class HttpSettings {
  private HttpSettings() {}

  /**
   * Checks the fields that mean HTTP requests.
   *
   * @throws InvalidFieldException naming the field at fault
   */
  public static void check(FunctionSettings settings, boolean servesHttp) {
    if (servesHttp) {
      checkEvents("warmup.events", settings.warmup().events());
    } else if (!settings.httpHooks().equals(HttpHooks.NONE)) {
      throw new InvalidFieldException(
          "httpHooks",
          "is for functions that serve HTTP; runtime %s has hooks of its own"
              .formatted(settings.runtime()),
          "Leave it out, or choose runtime http.");
    }
  }

  /**
   * Checks that events are HTTP requests.
   *
   * @param field the field that they come from
   * @throws InvalidFieldException naming the event at fault
   */
  public static void checkEvents(String field, List<JsonNode> events) {
    for (int i = 0; i < events.size(); i++) {
      try {
        HttpCall.of(events.get(i));
      } catch (IllegalArgumentException e) {
        throw new InvalidFieldException(
            "%s[%d]".formatted(field, i),
            "is no HTTP request: " + e.getMessage(),
            "Send objects such as {\"method\":\"GET\",\"path\":\"/\"}.");
      }
    }
  }
}
