package dev.rekindle.orchestrator;

import dev.rekindle.api.FunctionSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;

/** Functions that serve HTTP, for tests. */
final class HttpFunctions {
  private HttpFunctions() {}

  /** Settings of a function of runtime http; {@code change} puts fields as named in JSON. */
  static FunctionSettings settings(String command, Consumer<Map<String, Object>> change) {
    return Sample.settings(
        fields -> {
          fields.put("runtime", "http");
          fields.put("handler", command);
          change.accept(fields);
        });
  }

  static FunctionSettings settings(String command) {
    return settings(command, fields -> {});
  }

  /** A zip of the resource {@code http/NAME} under its own name. */
  static byte[] zip(String name) {
    return Sample.zipOf(Map.of(name, resource(name)));
  }

  /** Deploys {@code edges.py}. */
  static void deployEdges(TestService service, String name, Consumer<Map<String, Object>> change) {
    var unused =
        service.client().deploy(name, settings("exec python3 edges.py", change), zip("edges.py"));
  }

  /** A zip of {@code server.c}, compiled into a static program called {@code server}. */
  static byte[] compiled(Path directory) throws Exception {
    Path source = Files.write(directory.resolve("server.c"), resource("server.c"));
    Path program = directory.resolve("server");
    Process gcc =
        new ProcessBuilder(
                "gcc",
                "-D_GNU_SOURCE",
                "-O2",
                "-Wall",
                "-Werror",
                "-static",
                source.toString(),
                "-o",
                program.toString())
            .inheritIO()
            .start();
    if (gcc.waitFor() != 0) {
      throw new IllegalStateException("gcc could not compile " + source);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(bytes)) {
      ZipArchiveEntry entry = new ZipArchiveEntry("server");
      entry.setUnixMode(0755);
      zip.putArchiveEntry(entry);
      zip.write(Files.readAllBytes(program));
      zip.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }

  private static byte[] resource(String name) {
    try (InputStream in = HttpFunctions.class.getResourceAsStream("/http/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
