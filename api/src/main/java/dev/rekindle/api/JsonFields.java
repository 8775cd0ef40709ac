package dev.rekindle.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One JSON object of a request, read strictly; every error names the field's path. */
final class JsonFields {
  /** What Jackson says of a position: the "source" in it is of no use to a caller. */
  private static final Pattern SOURCE = Pattern.compile("\\[Source: [^;]*; ([^\\]]*)\\]");

  private final String path;
  private final JsonNode object;

  private JsonFields(String path, JsonNode object) {
    this.path = path;
    this.object = object;
  }

  /** Parses a body that is to be one JSON object. */
  static JsonFields parse(byte[] json) {
    JsonNode node;
    try {
      node = Json.mapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw notJson(e.getOriginalMessage());
    } catch (IOException | NumberFormatException e) {
      // Bytes that are no text in any of JSON's encodings; numbers with absurd exponents.
      throw notJson(String.valueOf(e.getMessage()));
    }
    if (!Unicode.isWhole(node)) {
      throw notJson("an escaped surrogate lacks its other half");
    }
    return of("", node);
  }

  private static InvalidFieldException notJson(String why) {
    return new InvalidFieldException(
        InvalidFieldException.BODY,
        "is not JSON: " + SOURCE.matcher(why).replaceAll("$1"),
        "Send one JSON object in UTF-8, each field once.");
  }

  private static JsonFields of(String path, JsonNode node) {
    if (!node.isObject()) {
      throw new InvalidFieldException(
          path.isEmpty() ? InvalidFieldException.BODY : path,
          "is " + kind(node) + ", not an object",
          "Send an object.");
    }
    return new JsonFields(path, node);
  }

  /** Refuses every field that is not among the known ones. */
  void allowOnly(Collection<String> known) {
    for (String name : names()) {
      if (!known.contains(name)) {
        Optional<String> nearest = NearestName.of(name, known);
        throw new InvalidFieldException(
            at(shortened(name)),
            "is not a known field",
            nearest
                .map(meant -> "Did you mean " + at(meant) + "?")
                .orElseGet(() -> "Known fields here are " + String.join(", ", known) + "."));
      }
    }
  }

  /** The names of all fields, in the order they were sent. */
  List<String> names() {
    return object.properties().stream().map(Map.Entry::getKey).toList();
  }

  /** The value of a field, or null if it is absent. JSON null is a value. */
  @Nullable JsonNode find(String name) {
    return object.get(name);
  }

  /** The object in a field, or empty if the field is absent. */
  Optional<JsonFields> findObject(String name) {
    return Optional.ofNullable(find(name)).map(node -> of(at(name), node));
  }

  /** The object in a field that must be there. */
  JsonFields object(String name) {
    return findObject(name).orElseThrow(() -> missing(name, "an object"));
  }

  /** The string in a field that must be there. */
  String text(String name) {
    return findText(name).orElseThrow(() -> missing(name, "a string"));
  }

  /** The string in a field, or empty if the field is absent. */
  Optional<String> findText(String name) {
    JsonNode node = find(name);
    if (node == null) {
      return Optional.empty();
    }
    if (!node.isTextual()) {
      throw wrongType(name, node, "a string");
    }
    return Optional.of(node.textValue());
  }

  /** The whole number in a field, or the default if the field is absent. */
  int integer(String name, int defaultValue) {
    JsonNode node = find(name);
    if (node == null) {
      return defaultValue;
    }
    if (!node.isIntegralNumber()) {
      throw wrongType(name, node, "a whole number");
    }
    if (!node.canConvertToInt()) {
      throw new InvalidFieldException(
          at(name), "is out of range", "Send a number of a sensible size.");
    }
    return node.intValue();
  }

  /** The truth value in a field, or the default if the field is absent. */
  boolean bool(String name, boolean defaultValue) {
    JsonNode node = find(name);
    if (node == null) {
      return defaultValue;
    }
    if (!node.isBoolean()) {
      throw wrongType(name, node, "true or false");
    }
    return node.booleanValue();
  }

  /** The path of a field of this object. */
  String at(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  InvalidFieldException wrongType(String name, JsonNode node, String wanted) {
    return new InvalidFieldException(
        at(shortened(name)), "is " + kind(node) + ", not " + wanted, "Send " + wanted + ".");
  }

  private InvalidFieldException missing(String name, String wanted) {
    return new InvalidFieldException(at(name), "is missing", "Send " + wanted + ".");
  }

  private static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "an array";
      case BOOLEAN -> "a boolean";
      case NULL -> "null";
      case NUMBER -> node.isIntegralNumber() ? "a whole number" : "a fraction";
      case OBJECT -> "an object";
      case STRING -> "a string";
      default -> "nothing";
    };
  }

  private static String shortened(String name) {
    return name.length() <= 64 ? name : name.substring(0, 64) + "…";
  }
}
