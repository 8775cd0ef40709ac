package dev.rekindle.warmers.jvm;

import com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.core.JsonParser;
import com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * The header of a request of the bootstrap protocol.
 *
 * @param fields its fields as text, but for the environment
 * @param environment its variables; empty for most operations
 */
record Request(Map<String, String> fields, Map<String, String> environment) {

  /**
   * Reads the header.
   *
   * @throws IOException if it is not a JSON object
   */
  static Request of(byte[] header) throws IOException {
    Map<String, String> fields = new HashMap<>();
    Map<String, String> environment = new HashMap<>();
    try (JsonParser json = Replies.JSON.createParser(header)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("the header is not a JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (name.equals("environment") && value == JsonToken.START_OBJECT) {
          readStrings(json, environment);
        } else if (value.isScalarValue() && value != JsonToken.VALUE_NULL) {
          fields.put(name, json.getText());
        } else {
          json.skipChildren();
        }
      }
      if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
        throw new IOException("the header is more than a JSON object");
      }
    }
    return new Request(fields, environment);
  }

  private static void readStrings(JsonParser json, Map<String, String> into) throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      if (json.nextToken() != JsonToken.VALUE_STRING) {
        throw new IOException("the variable " + name + " is not text");
      }
      into.put(name, json.getText());
    }
  }

  /** Whether a field is there and says something. */
  boolean has(String field) {
    return !text(field, "").isEmpty();
  }

  String text(String field, String otherwise) {
    return fields.getOrDefault(field, otherwise);
  }

  /** A number of the header; 0 if it is missing or none. */
  long number(String field) {
    try {
      return Long.parseLong(fields.getOrDefault(field, "0"));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
