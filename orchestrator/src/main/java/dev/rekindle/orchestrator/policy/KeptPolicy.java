package dev.rekindle.orchestrator.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rekindle.api.Json;
import dev.rekindle.orchestrator.function.FunctionIdentity;
import dev.rekindle.orchestrator.policy.model.PolicyState;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * What the policies of a function have learnt, as it is kept on disk: JSON, compressed, whose
 * checksum tells a torn or damaged file.
 *
 * @param identity of the version that it was learnt from, see {@link FunctionIdentity}
 * @param inForce what the policy in force has learnt
 * @param shadow what the policy in its shadow has learnt; null if there is none
 */
public record KeptPolicy(String identity, PolicyState inForce, @Nullable PolicyState shadow) {
  /** The version of the file's layout. */
  private static final int FORMAT = 1;

  /** More than any state takes as JSON; what says it is longer is damaged. */
  private static final int MAX_JSON_BYTES = 32 << 20;

  /** Numbers hardly shrink more for more work. */
  private static final class QuickGzip extends GZIPOutputStream {
    QuickGzip(OutputStream out) throws IOException {
      super(out);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }

  /** Whether there is nothing worth a file: the policies learn nothing. */
  boolean isEmpty() {
    return shadow == null && inForce.content().isEmpty();
  }

  /** The file's bytes; the same for the same state. */
  public byte[] encode() {
    ObjectNode node = Json.mapper().createObjectNode();
    node.put("format", FORMAT).put("identity", identity);
    node.set("inForce", Json.mapper().valueToTree(inForce));
    if (shadow != null) {
      node.set("shadow", Json.mapper().valueToTree(shadow));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new QuickGzip(bytes)) {
      out.write(Json.write(node));
    } catch (IOException e) {
      throw new IllegalStateException("memory takes all bytes", e);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads a file's bytes.
   *
   * @throws IOException if they are damaged or of another format; the message says which
   */
  public static KeptPolicy decode(byte[] bytes) throws IOException {
    byte[] json;
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      json = in.readNBytes(MAX_JSON_BYTES);
      if (in.read() >= 0) {
        throw new IOException("it is longer than any state");
      }
    } catch (IOException e) {
      throw new IOException("it is damaged: " + e.getMessage(), e);
    }
    JsonNode node;
    try {
      node = Json.mapper().readTree(json);
    } catch (NumberFormatException e) {
      throw new IOException("it holds an absurd number: " + e.getMessage(), e);
    }
    if (node.path("format").asInt() != FORMAT) {
      throw new IOException(
          "its format is %s, this build reads %d".formatted(node.path("format"), FORMAT));
    }
    if (!node.path("identity").isTextual()) {
      throw new IOException("it does not say of which version it is");
    }
    JsonNode shadow = node.get("shadow");
    return new KeptPolicy(
        node.path("identity").textValue(),
        state(node.path("inForce")),
        shadow == null ? null : state(shadow));
  }

  private static PolicyState state(JsonNode node) throws IOException {
    if (!node.path("policy").isTextual() || !node.path("content").isObject()) {
      throw new IOException("it holds no policy's state where one should be");
    }
    return new PolicyState(
        node.path("policy").textValue(), node.path("format").asInt(), node.path("content"));
  }
}
