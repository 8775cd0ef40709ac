package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

/** The samples for Node.js do what they say. */
class NodejsSamplesTest extends FunctionFixture {
  private static final String HELLO = "hello.js";

  @Override
  String runtime() {
    return "nodejs";
  }

  /** The small one beside what is in the other's zip. */
  @Override
  Map<String, String> code() throws IOException {
    Map<String, String> files = new TreeMap<>();
    files.put(HELLO, TestResources.folder("samples/nodejs").get(HELLO));
    byte[] zip = SampleFunction.NODEJS_TRANSPILE.zip();
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        files.put(entry.getName(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return files;
  }

  @Test
  void hello_greetsAndEchoes() throws Exception {
    JsonNode result = result(ready("hello.handler"), "{\"name\":\"Ola\"}");
    assertThat(result.path("message").asText()).isEqualTo("Hello, Ola!");
    assertThat(result.path("event").path("name").asText()).isEqualTo("Ola");
  }

  @Test
  void transpile_compilesTheSameAfterACheckpoint() throws Exception {
    SampleFunction sample = SampleFunction.NODEJS_TRANSPILE;
    FunctionProcess process = ready(sample.handler());
    JsonNode before = result(process, sample.event());
    assertThat(before.path("javaScript").asText()).contains("exports.answer = 42");
    assertThat(before.path("complaints")).isEmpty();
    checkpoint(process);
    restored(process, restore(1, Map.of()));
    assertThat(result(process, sample.event())).isEqualTo(before);
    assertThat(result(process, "{\"source\":\"const = 1\"}").path("complaints")).isNotEmpty();
  }
}
