package dev.rekindle.warmers.channel;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;

/**
 * One message of the bootstrap protocol: length of the header (unsigned 32-bit, big-endian), header
 * (a JSON object), length of the body (likewise), body.
 */
public record Frame(JsonNode header, Buffer body) {
  /** Reads and writes headers. */
  public static final ObjectMapper JSON = new ObjectMapper();

  /** A header that names an operation. */
  public static ObjectNode header(String operation) {
    return JSON.createObjectNode().put("op", operation);
  }

  /** The message's bytes. */
  public Buffer encode() {
    try {
      byte[] headerBytes = JSON.writeValueAsBytes(header);
      return Buffer.buffer(8 + headerBytes.length + body.length())
          .appendInt(headerBytes.length)
          .appendBytes(headerBytes)
          .appendInt(body.length())
          .appendBuffer(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON nodes is always writable", e);
    }
  }
}
