package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.warmers.channel.Frame;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each JDK on this machine serves, under the name of its version, and its clones are renewed. */
class JdksTest extends FunctionFixture {
  @TempDir static Path shared;

  /** Their runtime names; never empty, since a JDK runs this. */
  static List<String> jdks() {
    return List.copyOf(
        new InstalledRuntimes().jdks(RuntimePaths.sandbox(System.getenv()).java()).keySet());
  }

  @Override
  String runtime() {
    return "java";
  }

  @Override
  void install(Path task) throws IOException {
    new JavaWarmerTest().install(task);
  }

  @Test
  void jdks_includeTheOneThatRunsThis() {
    assertThat(jdks()).contains("java" + Runtime.version().feature());
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void boot_runtimeByVersion_runsThatJdk(String jdk) throws Exception {
    FunctionProcess process = ready(start(jdk, "task.Samples::echo", Map.of()));
    String version = process.readiness().path("runtimeVersion").asText();
    assertThat("java" + Runtime.Version.parse(version).feature()).isEqualTo(jdk);
    assertThat(result(process, "{\"a\":1}").toString()).isEqualTo("{\"a\":1}");
    checkpoint(process);
    restored(process, restore(1, Map.of("SHOP", "wrocław")));
    assertThat(result(process, "{\"a\":2}").toString()).isEqualTo("{\"a\":2}");
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void afterRestore_renewsEveryRandomSource(String jdk) throws Exception {
    JsonNode frozen = draws(jdk, -1);
    JsonNode first = draws(jdk, 1);
    JsonNode same = draws(jdk, 1);
    JsonNode second = draws(jdk, 2);
    assertThat(frozen.size()).isGreaterThan(30);
    for (Map.Entry<String, JsonNode> source : frozen.properties()) {
      String name = source.getKey();
      assertThat(first.get(name)).as("%s: twins", name).isNotEqualTo(second.get(name));
      assertThat(first.get(name)).as("%s: not renewed", name).isNotEqualTo(source.getValue());
      if (name.startsWith("seeded")) {
        assertThat(first.get(name)).as("%s: other entropy", name).isEqualTo(same.get(name));
      }
    }
  }

  private JsonNode draws(String jdk, int entropy) throws Exception {
    FunctionProcess process = ready(start(jdk, "task.Draws", Map.of()));
    JsonNode prepared =
        RawClient.ask(
            process.socket(), new Frame(Frame.header("beforeCheckpoint"), Buffer.buffer()));
    assertThat(prepared.toString()).isEqualTo("{\"ok\":true}");
    if (entropy >= 0) {
      restored(process, restore(entropy, Map.of()));
    }
    return result(process, "{}");
  }

  /** A kind that no JDK has, put into one: what a later JDK may bring. */
  @ParameterizedTest
  @MethodSource("jdks")
  void checkpoint_generatorOfAnUnknownKind_isToldAndLogged(String jdk) throws Exception {
    Path source = Files.createDirectories(shared.resolve(jdk)).resolve("Unheard.java");
    Files.writeString(
        source,
        """
        package java.util.random;

        public class Unheard implements RandomGenerator {
          public static final Unheard ONE = new Unheard();
          private long state;

          public long nextLong() {
            return ++state;
          }
        }
        """);
    Path patch = shared.resolve(jdk + "-patch");
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "--patch-module",
                "java.base=" + source.getParent(),
                "-d",
                patch.toString(),
                source.toString());
    assertThat(compiled).isZero();
    FunctionProcess process =
        ready(
            start(
                jdk,
                "task.Samples::loads",
                Map.of("JAVA_TOOL_OPTIONS", "--patch-module=java.base=" + patch)));
    result(process, "{\"name\":\"java.util.random.Unheard\"}");
    JsonNode prepared =
        RawClient.ask(
            process.socket(), new Frame(Frame.header("beforeCheckpoint"), Buffer.buffer()));
    assertThat(prepared.path("warnings").toString()).contains("java.util.random.Unheard");
    assertThat(process.log()).contains("[WARN] the state of java.util.random.Unheard");
  }
}
