package dev.rekindle.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** The JSON text of a manifest. Fields it does not know are ignored. */
public final class ManifestJson {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private ManifestJson() {}

  /** The text is not a manifest; the message says where. */
  public static final class MalformedManifest extends Exception {
    private static final long serialVersionUID = 1L;

    /** With a message that says where the text goes wrong. */
    public MalformedManifest(String message) {
      super(message);
    }
  }

  /** A newer release wrote the manifest. */
  public static final class NewerManifest extends Exception {
    private static final long serialVersionUID = 1L;

    /** With the version of the format that was found. */
    public NewerManifest(int formatVersion) {
      super("its manifest has format " + formatVersion);
    }
  }

  /** Writes a manifest; the same manifest always gives the same bytes. */
  public static byte[] write(SnapshotManifest manifest) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    root.put("formatVersion", manifest.formatVersion());
    root.put("id", manifest.id());
    root.put("createdAt", manifest.createdAt().toString());
    write(root.putObject("labels"), manifest.labels());
    write(root.putObject("requirements"), manifest.requirements());
    var files = root.putArray("files");
    for (var file : manifest.files()) {
      files
          .addObject()
          .put("name", file.name())
          .put("bytes", file.bytes())
          .put("mode", String.format("%04o", file.mode()))
          .put("digest", file.digest());
    }
    return (JSON.writeValueAsString(root) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** Reads a manifest; asks for its version first, since nothing else is known of newer ones. */
  public static SnapshotManifest read(byte[] json) throws MalformedManifest, NewerManifest {
    try {
      JsonNode root = JSON.readTree(json);
      int formatVersion = integer(root, "formatVersion").intValue();
      if (formatVersion > SnapshotManifest.FORMAT_VERSION) {
        throw new NewerManifest(formatVersion);
      }
      var files = new ArrayList<StoredFile>();
      for (JsonNode file : field(root, "files")) {
        files.add(
            new StoredFile(
                text(file, "name"),
                integer(file, "bytes").longValue(),
                Integer.parseInt(text(file, "mode"), 8),
                text(file, "digest")));
      }
      return new SnapshotManifest(
          formatVersion,
          text(root, "id"),
          Instant.parse(text(root, "createdAt")),
          map(field(root, "labels")),
          map(field(root, "requirements")),
          files);
    } catch (JsonProcessingException e) {
      throw new MalformedManifest("not JSON: " + e.getOriginalMessage());
    } catch (IOException | DateTimeException | IllegalArgumentException e) {
      throw new MalformedManifest(String.valueOf(e.getMessage()));
    }
  }

  private static void write(ObjectNode node, Map<String, String> map) {
    new TreeMap<>(map).forEach(node::put);
  }

  private static Map<String, String> map(JsonNode node) throws MalformedManifest {
    var map = new HashMap<String, String>();
    for (var field : node.properties()) {
      map.put(field.getKey(), text(node, field.getKey()));
    }
    return map;
  }

  private static JsonNode field(JsonNode node, String name) throws MalformedManifest {
    JsonNode field = node.get(name);
    if (field == null) {
      throw new MalformedManifest("no field '" + name + "'");
    }
    return field;
  }

  private static String text(JsonNode node, String name) throws MalformedManifest {
    JsonNode field = field(node, name);
    if (!field.isTextual()) {
      throw new MalformedManifest("field '" + name + "' is not a string");
    }
    return field.textValue();
  }

  private static Number integer(JsonNode node, String name) throws MalformedManifest {
    JsonNode field = field(node, name);
    if (!field.canConvertToLong() || !field.isIntegralNumber()) {
      throw new MalformedManifest("field '" + name + "' is not a whole number");
    }
    return field.numberValue();
  }
}
