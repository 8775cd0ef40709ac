package dev.rekindle.warmers.channel;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A request that the platform itself sends to a function's server: a warm-up event or a hook.
 *
 * @param method the HTTP method
 * @param path the path, with a query if there is one
 * @param headers the headers, by name
 * @param body the body; may be empty
 */
public record HttpCall(HttpMethod method, String path, Map<String, String> headers, Buffer body) {
  private static final List<String> FIELDS = List.of("method", "path", "headers", "body");
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
  private static final Pattern PATH = Pattern.compile("/[\\x21-\\x7e&&[^#]]*");
  private static final Pattern HEADER_VALUE = Pattern.compile("[\\t\\x20-\\x7e]*");

  /**
   * Checks the path and the headers.
   *
   * @throws IllegalArgumentException naming the field and what is wrong with it
   */
  public HttpCall {
    check(PATH, "path", path, "a percent-encoded path that begins with /");
    headers.forEach(
        (name, value) -> {
          check(TOKEN, "headers", name, "names of letters, digits and dashes");
          check(HEADER_VALUE, "headers." + name, value, "printable ASCII");
        });
    headers = Map.copyOf(headers);
  }

  private static void check(Pattern pattern, String field, String value, String wanted) {
    if (!pattern.matcher(value).matches()) {
      throw new IllegalArgumentException(field + " '" + value + "' is not " + wanted);
    }
  }

  /**
   * Reads a warm-up event: an object with a path, and if need be method (GET without a body, else
   * POST), headers and body (a string, or any JSON, which is then sent as {@code
   * application/json}).
   *
   * @throws IllegalArgumentException naming the field and what is wrong with it
   */
  public static HttpCall of(JsonNode event) {
    if (!event.isObject()) {
      throw new IllegalArgumentException(
          "it is not an object such as {\"method\":\"GET\",\"path\":\"/\"}");
    }
    event
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!FIELDS.contains(name)) {
                throw new IllegalArgumentException(
                    "it has a field '" + name + "', the fields are " + String.join(", ", FIELDS));
              }
            });
    Map<String, String> headers = new LinkedHashMap<>();
    JsonNode given = event.path("headers");
    if (!given.isMissingNode() && !given.isObject()) {
      throw new IllegalArgumentException("headers is not an object of strings");
    }
    given.properties().forEach(entry -> headers.put(entry.getKey(), text(entry)));
    JsonNode body = event.path("body");
    boolean json = !body.isMissingNode() && !body.isTextual();
    if (json && headers.keySet().stream().noneMatch("content-type"::equalsIgnoreCase)) {
      headers.put("Content-Type", "application/json");
    }
    String standard = body.isMissingNode() ? "GET" : "POST";
    String method = text("method", event.path("method"), standard);
    check(TOKEN, "method", method, "one word such as GET or POST");
    return new HttpCall(
        HttpMethod.valueOf(method),
        text("path", event.path("path"), null),
        headers,
        Buffer.buffer((json ? body.toString() : body.asText("")).getBytes(StandardCharsets.UTF_8)));
  }

  private static String text(Map.Entry<String, JsonNode> header) {
    return text("headers." + header.getKey(), header.getValue(), null);
  }

  private static String text(
      String field, JsonNode value, @org.jspecify.annotations.Nullable String standard) {
    if (value.isMissingNode() && standard != null) {
      return standard;
    }
    if (!value.isTextual()) {
      throw new IllegalArgumentException(
          field + (value.isMissingNode() ? " is missing" : " is not a string"));
    }
    return value.asText();
  }
}
