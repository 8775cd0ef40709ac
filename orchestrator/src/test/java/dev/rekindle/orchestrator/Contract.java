package dev.rekindle.orchestrator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;

/** The OpenAPI document, and whether a reply keeps to it. Knows the keywords that it uses. */
final class Contract {
  private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "patch");

  private final JsonNode root;

  Contract(byte[] yaml) throws IOException {
    root = new YAMLMapper().readTree(yaml);
  }

  /** Every operation as "METHOD /path". */
  Set<String> operations() {
    Set<String> operations = new TreeSet<>();
    for (Map.Entry<String, JsonNode> path : root.get("paths").properties()) {
      path.getValue()
          .fieldNames()
          .forEachRemaining(
              field -> {
                if (METHODS.contains(field)) {
                  operations.add(field.toUpperCase(Locale.ROOT) + " " + path.getKey());
                }
              });
    }
    return operations;
  }

  /** What is documented for a reply to an operation; missing if nothing is. */
  JsonNode reply(String operation, int status) {
    String[] parts = operation.split(" ");
    JsonNode responses =
        root.path("paths").path(parts[1]).path(parts[0].toLowerCase(Locale.ROOT)).path("responses");
    JsonNode named = responses.path(Integer.toString(status));
    return resolve(named.isMissingNode() && status >= 400 ? responses.path("default") : named);
  }

  private JsonNode resolve(JsonNode node) {
    JsonNode ref = node.path("$ref");
    return ref.isTextual() ? resolve(root.at(ref.textValue().substring(1))) : node;
  }

  /** What in a value does not keep to a schema. */
  List<String> violations(JsonNode schema, JsonNode value) {
    List<String> found = new ArrayList<>();
    check(schema, value, "$", found);
    return found;
  }

  private void check(JsonNode given, JsonNode value, String at, List<String> found) {
    JsonNode schema = resolve(given);
    schema.path("allOf").forEach(each -> check(each, value, at, found));
    if (schema.has("type") && !hasType(schema.get("type"), value)) {
      found.add(at + " is no " + schema.get("type") + ": " + value);
      return;
    }
    if (schema.has("enum")
        && StreamSupport.stream(schema.get("enum").spliterator(), false).noneMatch(value::equals)) {
      found.add(at + " is none of " + schema.get("enum") + ": " + value);
    }
    if (schema.has("minimum") && value.asDouble() < schema.get("minimum").asDouble()) {
      found.add(at + " is below " + schema.get("minimum") + ": " + value);
    }
    if ("date-time".equals(schema.path("format").asText())) {
      checkTime(value, at, found);
    }
    for (int i = 0; value.isArray() && schema.has("items") && i < value.size(); i++) {
      check(schema.get("items"), value.get(i), at + "[" + i + "]", found);
    }
    if (value.isObject() && (schema.has("properties") || schema.has("additionalProperties"))) {
      checkObject(schema, value, at, found);
    }
  }

  private void checkObject(JsonNode schema, JsonNode value, String at, List<String> found) {
    for (JsonNode name : schema.path("required")) {
      if (!value.has(name.asText())) {
        found.add(at + " lacks " + name);
      }
    }
    for (Map.Entry<String, JsonNode> field : value.properties()) {
      JsonNode property = schema.path("properties").path(field.getKey());
      JsonNode other = schema.path("additionalProperties");
      if (!property.isMissingNode()) {
        check(property, field.getValue(), at + "." + field.getKey(), found);
      } else if (other.isObject()) {
        check(other, field.getValue(), at + "." + field.getKey(), found);
      } else {
        found.add(at + " has a field that the document does not name: " + field.getKey());
      }
    }
  }

  private static void checkTime(JsonNode value, String at, List<String> found) {
    try {
      java.time.Instant.parse(value.asText());
    } catch (java.time.format.DateTimeParseException e) {
      found.add(at + " is no time: " + value);
    }
  }

  private static boolean hasType(JsonNode type, JsonNode value) {
    if (type.isArray()) {
      return StreamSupport.stream(type.spliterator(), false).anyMatch(t -> hasType(t, value));
    }
    return switch (type.asText()) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isTextual();
      case "integer" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      case "boolean" -> value.isBoolean();
      default -> throw new AssertionError("a type that this class does not know: " + type);
    };
  }
}
