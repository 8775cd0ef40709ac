package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The samples for CPython do what they say. */
class Python3SamplesTest extends FunctionFixture {
  @Override
  String runtime() {
    return "python3";
  }

  @Override
  Map<String, String> code() throws IOException {
    return TestResources.folder("samples/python3");
  }

  @Test
  void hello_greetsAndEchoes() throws Exception {
    JsonNode result = result(ready("hello.handler"), "{\"name\":\"Ola\"}");
    assertThat(result.path("message").asText()).isEqualTo("Hello, Ola!");
    assertThat(result.path("event").path("name").asText()).isEqualTo("Ola");
  }

  @Test
  void tables_findsTheSameDocumentsAfterACheckpoint() throws Exception {
    FunctionProcess process = ready("tables.handler");
    JsonNode before = result(process, "{\"query\":\"kari tome\"}");
    assertThat(before.path("documents")).isNotEmpty();
    assertThat(before.path("words").asInt()).isEqualTo(75_000);
    checkpoint(process);
    restored(process, restore(1, Map.of()));
    assertThat(result(process, "{\"query\":\"kari tome\"}")).isEqualTo(before);
    assertThat(result(process, "{\"query\":\"xyz\"}").path("documents")).isEmpty();
  }
}
