package dev.rekindle.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** The contract's document as the tests look at it. */
public final class OpenApiDocument {
  private static final Set<String> METHODS = Set.of("get", "put", "post", "delete");

  private final JsonNode root;

  private OpenApiDocument(JsonNode root) {
    this.root = root;
  }

  public static OpenApiDocument load() throws IOException {
    try (InputStream in = OpenApiDocument.class.getResourceAsStream("/openapi.yaml")) {
      return new OpenApiDocument(new YAMLMapper().readTree(Objects.requireNonNull(in)));
    }
  }

  JsonNode root() {
    return root;
  }

  JsonNode schemas() {
    return root.at("/components/schemas");
  }

  JsonNode schema(String name) {
    return Objects.requireNonNull(schemas().get(name), () -> "no schema " + name);
  }

  /** Every operation as "METHOD /path". */
  public Set<String> operations() {
    Set<String> operations = new TreeSet<>();
    for (Map.Entry<String, JsonNode> path : root.get("paths").properties()) {
      for (String method : METHODS) {
        if (path.getValue().has(method)) {
          operations.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey());
        }
      }
    }
    return operations;
  }

  JsonNode operation(String operation) {
    String[] parts = operation.split(" ");
    return root.get("paths").get(parts[1]).get(parts[0].toLowerCase(Locale.ROOT));
  }

  /** The operation that a request without its query belongs to. */
  public String operationOf(String method, String path) {
    return operations().stream()
        .filter(o -> (method + " " + path).matches(o.replaceAll("\\{[a-z]+}", "[^/]+")))
        .findFirst()
        .orElseThrow(() -> new AssertionError("not in the document: " + method + " " + path));
  }

  /** The target of every reference. */
  List<String> references() {
    List<String> references = new ArrayList<>();
    for (JsonNode node : root.findValues("$ref")) {
      references.add(node.textValue());
    }
    return references;
  }
}
