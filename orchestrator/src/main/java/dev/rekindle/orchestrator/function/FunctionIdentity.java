package dev.rekindle.orchestrator.function;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.Json;
import java.util.TreeMap;

/**
 * What makes a snapshot fit a function, whichever node made it and whatever number the version has
 * there: name, code, and the settings that leave their mark in memory. Other settings (time limit,
 * restore mode, policy, counts of instances) may differ.
 */
public final class FunctionIdentity {
  private FunctionIdentity() {}

  /**
   * The identity as 64 lower-case hex digits.
   *
   * @param code the digest of the code
   */
  static String of(String name, FunctionSettings settings, String code) {
    ObjectNode parts = Json.mapper().createObjectNode();
    parts.put("format", 1);
    parts.put("name", name);
    parts.put("code", code);
    parts.put("runtime", settings.runtime());
    parts.put("handler", settings.handler());
    parts.put("memoryMb", settings.memoryMb());
    ObjectNode environment = parts.putObject("environment");
    new TreeMap<>(settings.environment()).forEach(environment::put);
    ObjectNode warmup = parts.putObject("warmup");
    settings.warmup().events().forEach(warmup.putArray("events")::add);
    warmup.put("rounds", settings.warmup().rounds());
    try {
      return Sha256.of(Json.mapper().writeValueAsBytes(parts));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of strings can always be written", e);
    }
  }
}
