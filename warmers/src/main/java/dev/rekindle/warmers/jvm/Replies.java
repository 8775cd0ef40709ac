package dev.rekindle.warmers.jvm;

import com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.core.JsonFactory;
import com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** What goes out as JSON: headers of replies and the readiness line. */
final class Replies {
  static final JsonFactory JSON = new JsonFactory();
  static final byte[] OK = "{\"ok\":true}".getBytes(StandardCharsets.US_ASCII);

  private Replies() {}

  static byte[] ready(String runtimeVersion) {
    return write(
        json -> {
          json.writeBooleanField("ok", true);
          json.writeStringField("runtimeVersion", runtimeVersion);
        });
  }

  static byte[] failure(Fault fault) {
    return write(
        json -> {
          json.writeBooleanField("ok", false);
          json.writeStringField("errorType", valid(fault.type()));
          json.writeStringField("errorMessage", valid(fault.message()));
          json.writeArrayFieldStart("stackTrace");
          for (String frame : fault.trace()) {
            json.writeString(valid(frame));
          }
          json.writeEndArray();
        });
  }

  /** Half a surrogate pair cannot be sent: it becomes a question mark. */
  private static String valid(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  private interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  private static byte[] write(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      fields.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("an array in memory takes all bytes", e);
    }
    return bytes.toByteArray();
  }
}
