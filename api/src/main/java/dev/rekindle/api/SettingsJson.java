package dev.rekindle.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads settings from the JSON of a request and fills in the defaults. */
final class SettingsJson {
  /** The fields of {@link FunctionSettings}, in the order of the record. */
  static final List<String> FIELDS =
      Arrays.stream(FunctionSettings.class.getRecordComponents())
          .map(component -> component.getName())
          .toList();

  private static final String MODES =
      Arrays.stream(RestoreMode.values()).map(RestoreMode::wire).collect(Collectors.joining(", "));

  private SettingsJson() {}

  static FunctionSettings settings(JsonFields json) {
    json.allowOnly(FIELDS);
    return known(json);
  }

  /** Reads the known fields and leaves it to the caller to refuse others. */
  static FunctionSettings known(JsonFields json) {
    return new FunctionSettings(
        json.text("runtime"),
        json.text("handler"),
        json.integer("memoryMb", FunctionSettings.DEFAULT_MEMORY_MB),
        json.integer("timeoutMs", FunctionSettings.DEFAULT_TIMEOUT_MS),
        json.findObject(Environment.FIELD).map(SettingsJson::strings).orElse(Map.of()),
        json.integer("maxInstances", FunctionSettings.DEFAULT_MAX_INSTANCES),
        json.find("idleSeconds") == null ? null : json.integer("idleSeconds", 0),
        restoreMode(json),
        json.findObject("warmup").map(SettingsJson::warmup).orElse(Warmup.NONE),
        json.findObject("httpHooks").map(SettingsJson::httpHooks).orElse(HttpHooks.NONE),
        json.findObject("policy").map(SettingsJson::policy).orElse(PolicyChoice.DEFAULT));
  }

  static PolicyChoice policy(JsonFields json) {
    json.allowOnly(List.of("name", "parameters", "shadow"));
    return new PolicyChoice(
        json.text("name"),
        json.findObject("parameters").map(SettingsJson::parameters).orElse(Map.of()),
        json.findObject("shadow").map(SettingsJson::shadow).orElse(null));
  }

  private static ShadowChoice shadow(JsonFields json) {
    json.allowOnly(List.of("name", "parameters"));
    return new ShadowChoice(
        json.text("name"),
        json.findObject("parameters").map(SettingsJson::parameters).orElse(Map.of()));
  }

  private static Map<String, String> strings(JsonFields json) {
    Map<String, String> strings = new LinkedHashMap<>();
    json.names().forEach(name -> strings.put(name, json.text(name)));
    return strings;
  }

  private static RestoreMode restoreMode(JsonFields json) {
    Optional<String> text = json.findText("restoreMode");
    if (text.isEmpty()) {
      return FunctionSettings.DEFAULT_RESTORE_MODE;
    }
    return RestoreMode.find(text.get())
        .orElseThrow(
            () ->
                new InvalidFieldException(
                    "restoreMode", "is not a restore mode", "Send one of " + MODES + "."));
  }

  private static Warmup warmup(JsonFields json) {
    json.allowOnly(List.of("events", "rounds", "training"));
    return new Warmup(
        events(json, "events"), json.integer("rounds", 0), json.bool("training", false));
  }

  /** The array of any values in a field; empty if the field is absent. */
  static List<JsonNode> events(JsonFields json, String name) {
    List<JsonNode> events = new ArrayList<>();
    JsonNode given = json.find(name);
    if (given != null) {
      if (!given.isArray()) {
        throw json.wrongType(name, given, "an array");
      }
      given.forEach(events::add);
    }
    return events;
  }

  private static HttpHooks httpHooks(JsonFields json) {
    json.allowOnly(List.of("beforeCheckpoint", "afterRestore"));
    return new HttpHooks(
        json.findText("beforeCheckpoint").orElse(null), json.findText("afterRestore").orElse(null));
  }

  private static Map<String, Object> parameters(JsonFields json) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    for (String name : json.names()) {
      JsonNode value = json.find(name);
      if (value != null) {
        parameters.put(name, parameter(json, name, value));
      }
    }
    return parameters;
  }

  private static Object parameter(JsonFields json, String name, JsonNode value) {
    if (value.isTextual()) {
      return value.textValue();
    }
    if (value.isBoolean()) {
      return value.booleanValue();
    }
    if (value.isIntegralNumber() && value.canConvertToLong()) {
      return value.longValue();
    }
    if (value.isNumber()) {
      return value.doubleValue();
    }
    throw json.wrongType(name, value, "a number, string or boolean");
  }
}
