package dev.rekindle.warmers.jvm;

import com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.core.JsonFactory;
import com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

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
  static String valid(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  /** An object for the log. */
  static String text(Fields fields) {
    return new String(write(fields), StandardCharsets.UTF_8);
  }

  /**
   * The answer to a call before a checkpoint.
   *
   * @param busy threads that events left at work, in words
   * @param warnings what cannot be renewed in clones, in words
   */
  static byte[] prepared(List<String> busy, List<String> warnings) {
    return write(
        json -> {
          json.writeBooleanField("ok", true);
          writeTexts(json, "busy", busy);
          writeTexts(json, "warnings", warnings);
        });
  }

  private static void writeTexts(JsonGenerator json, String field, List<String> texts)
      throws IOException {
    if (texts.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart(field);
    for (String text : texts) {
      json.writeString(valid(text));
    }
    json.writeEndArray();
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
