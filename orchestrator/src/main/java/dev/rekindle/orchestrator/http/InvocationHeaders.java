package dev.rekindle.orchestrator.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.Headers;
import dev.rekindle.api.InvalidFieldException;
import dev.rekindle.api.Json;
import dev.rekindle.warmers.channel.InvocationDetails;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** The headers of an invocation that Lambda hands on to the handler. */
final class InvocationHeaders {
  /** More is no trace header; an environment variable has to hold it. */
  private static final int MAX_TRACE_LENGTH = 1_024;

  private InvocationHeaders() {}

  /**
   * Reads them; all may be missing.
   *
   * @throws InvalidFieldException naming the header that cannot be read
   */
  static InvocationDetails read(HttpServerRequest request) {
    String identity = request.getHeader(Headers.COGNITO_IDENTITY);
    return new InvocationDetails(
        null,
        trace(request.getHeader(Headers.TRACE_ID)),
        clientContext(request.getHeader(Headers.CLIENT_CONTEXT)),
        identity == null ? null : object(Headers.COGNITO_IDENTITY, identity),
        request.getHeader(Headers.TENANT_ID));
  }

  private static @Nullable String trace(@Nullable String header) {
    if (header != null && header.length() > MAX_TRACE_LENGTH) {
      throw new InvalidFieldException(
          Headers.TRACE_ID,
          "has %d characters".formatted(header.length()),
          "Send at most %d.".formatted(MAX_TRACE_LENGTH));
    }
    return header;
  }

  private static @Nullable String clientContext(@Nullable String header) {
    if (header == null) {
      return null;
    }
    try {
      byte[] text = Base64.getDecoder().decode(header);
      return object(Headers.CLIENT_CONTEXT, new String(text, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      throw new InvalidFieldException(
          Headers.CLIENT_CONTEXT, "is not base64", "Send a JSON object in base64.");
    }
  }

  private static String object(String header, String text) {
    try {
      JsonNode told = Json.mapper().readTree(text);
      if (told.isObject()) {
        return text;
      }
    } catch (IOException e) {
      // Said below.
    }
    throw new InvalidFieldException(header, "holds no JSON object", "Send one, or leave it out.");
  }
}
