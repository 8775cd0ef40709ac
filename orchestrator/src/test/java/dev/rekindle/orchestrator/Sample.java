package dev.rekindle.orchestrator;

import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.PolicyChoice;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Functions to deploy, and events to send them. */
public final class Sample {
  private static final PolicyChoice AFTER_FIRST = new PolicyChoice("after-first", Map.of());

  private Sample() {}

  /** A zip of the resource {@code functions/NAME} under its own name. */
  static byte[] zip(String name) {
    return zipOf(Map.of(name, resource(name)));
  }

  /** A zip of one file {@code app.py} with that source. */
  static byte[] source(String python) {
    return zipOf(Map.of("app.py", python.getBytes(StandardCharsets.UTF_8)));
  }

  static byte[] zipOf(Map<String, byte[]> files) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] resource(String name) {
    try (InputStream in = Sample.class.getResourceAsStream("/functions/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Settings of {@code app.handler}; {@code change} puts fields as they are named in JSON. One
   * snapshot unless another policy is put: tests count what comes of each request.
   */
  public static FunctionSettings settings(Consumer<Map<String, Object>> change) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("runtime", "python3");
    fields.put("handler", "app.handler");
    fields.put("policy", AFTER_FIRST);
    change.accept(fields);
    return FunctionSettings.parse(dev.rekindle.api.Json.write(fields));
  }

  /** The defaults, with the policy that never takes a snapshot. */
  static FunctionSettings cold() {
    return settings(f -> f.put("policy", new PolicyChoice("cold", Map.of())));
  }

  /** The defaults, with the policy that takes a snapshot after the first request. */
  public static FunctionSettings afterFirst() {
    return settings(f -> f.put("policy", AFTER_FIRST));
  }

  static byte[] event(String json) {
    return json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
  }
}
