package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.engine.RestoreMode;
import dev.rekindle.warmers.channel.Frame;
import dev.rekindle.warmers.channel.InstanceChannel;
import dev.rekindle.warmers.channel.InstanceReply;
import dev.rekindle.warmers.channel.Invocation;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The JVM keeps in sandboxes what all runtimes promise. */
class JavaSandboxTest extends HandlerSandboxContract {
  private String runtime = "java";
  private int clones;

  JavaSandboxTest() {
    super(new JavaWarmerTest());
  }

  @Override
  String runtime() {
    return runtime;
  }

  /** Each clone has entropy of its own, as from the service. */
  @Override
  void afterRestore(Path socket) {
    FunctionFixture.await(
        new InstanceChannel(vertx)
            .afterRestore(socket, FunctionFixture.restore(++clones, Map.of()), PATIENCE));
  }

  static List<String> jdks() {
    return JdksTest.jdks();
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void clones_ofEveryJdk_drawNothingTwice(String jdk) throws Exception {
    runtime = jdk;
    Frozen frozen = checkpoint(ready(start("task.Draws", Map.of())));
    JsonNode first = draws(restore(frozen, RestoreMode.MAPPED));
    JsonNode second = draws(restore(frozen, RestoreMode.MAPPED));
    for (Map.Entry<String, JsonNode> drawn : first.properties()) {
      assertThat(drawn.getValue()).as(drawn.getKey()).isNotEqualTo(second.get(drawn.getKey()));
    }
  }

  private static JsonNode draws(Running clone) throws IOException {
    Invocation event =
        new Invocation("r", Instant.now().plus(PATIENCE), "shop", "7", 512, Buffer.buffer("{}"));
    InstanceReply reply =
        FunctionFixture.await(new InstanceChannel(vertx).invoke(clone.socket(), event, PATIENCE));
    assertThat(reply).isInstanceOf(InstanceReply.Success.class);
    return Frame.JSON.readTree(((InstanceReply.Success) reply).result().getBytes());
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void clones_ofEveryJdk_knowTheirProcesses(String jdk) throws Exception {
    runtime = jdk;
    Running original = ready(start("task.Machine::handle", Map.of()));
    assertThat(answer(original, "start")).isEqualTo("started");
    Running clone = restore(checkpoint(original), RestoreMode.MAPPED);
    assertThat(answer(clone, "look")).isEqualTo("self true, child true, load at most 1");
    assertThat(answer(clone, "end")).isEqualTo("ended true");
  }
}
