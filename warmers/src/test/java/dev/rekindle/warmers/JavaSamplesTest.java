package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

/** The Java sample functions that demonstrations deploy do what they say. */
class JavaSamplesTest extends FunctionFixture {
  @Override
  String runtime() {
    return "java";
  }

  /** All samples in one directory: their packages differ. */
  @Override
  void install(Path task) throws IOException {
    for (String sample : new String[] {"hello", "search"}) {
      String zip = "/samples/java/" + sample + ".zip";
      try (InputStream resource = JavaSamplesTest.class.getResourceAsStream(zip);
          ZipInputStream in = new ZipInputStream(Objects.requireNonNull(resource, zip))) {
        for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
          Path target = task.resolve(entry.getName());
          if (entry.isDirectory()) {
            Files.createDirectories(target);
          } else {
            Files.copy(in, target);
          }
        }
      }
    }
  }

  @Test
  void hello_greetsAndEchoes() throws Exception {
    JsonNode result = result(ready("hello.Hello"), "{\"name\":\"Ola\"}");
    assertThat(result.path("message").asText()).isEqualTo("Hello, Ola!");
    assertThat(result.path("event").path("name").asText()).isEqualTo("Ola");
  }

  @Test
  void search_findsTheSameDocumentsAfterACheckpoint() throws Exception {
    FunctionProcess process = ready("search.Search");
    JsonNode before = result(process, "{\"query\":\"kari tome\"}");
    assertThat(before.path("documents")).hasSize(5);
    assertThat(before.path("indexed").asInt()).isEqualTo(20_000);
    checkpoint(process);
    restored(process, restore(1, java.util.Map.of()));
    assertThat(result(process, "{\"query\":\"kari tome\"}")).isEqualTo(before);
    assertThat(result(process, "{\"query\":\"xyz\"}").path("documents")).isEmpty();
  }
}
