package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rekindle.warmers.channel.ChannelException;
import dev.rekindle.warmers.channel.Frame;
import dev.rekindle.warmers.channel.InstanceReply;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * What every runtime promises, tried on real processes. A runtime passes it by bringing its sample
 * handlers. One file on purpose, though a long one: the list of promises reads best in one place.
 */
abstract class WarmerContract extends FunctionFixture {
  /** How the runtime spells a sample's handler. */
  abstract String handler(Sample sample);

  /** The error type that the runtime gives to a sample's failure. */
  abstract String errorType(Sample sample);

  /** Whether the runtime ends its process once a sample's failure is reported. */
  boolean endsAfter(Sample sample) {
    return false;
  }

  private FunctionProcess ready(Sample sample) throws Exception {
    return ready(handler(sample));
  }

  @Test
  void ready_tellsTheRuntimesVersion() throws Exception {
    FunctionProcess process = ready(Sample.ECHO);
    assertThat(process.readiness().path("runtimeVersion").asText())
        .isEqualTo(warmer().runtimeVersion());
  }

  @Test
  void invoke_returnsTheResult() throws Exception {
    FunctionProcess process = ready(Sample.ECHO);
    String event = "{\"a\":[1,2.5,null,true,{}],\"text\":\"Zażółć 漢字 🎉 \\u0000 \\\"\"}";
    for (int i = 0; i < 3; i++) {
      assertThat(result(process, event)).isEqualTo(Frame.JSON.readTree(event));
    }
  }

  @Test
  void invoke_carriesFiveMegabytesBothWays() throws Exception {
    FunctionProcess process = ready(Sample.ECHO);
    ObjectNode event = Frame.JSON.createObjectNode().put("text", "żółw ".repeat(700_000));
    assertThat(result(process, event.toString())).isEqualTo(event);
  }

  @Test
  void invoke_tellsTheHandlerItsContext() throws Exception {
    JsonNode context = result(ready(Sample.CONTEXT), "{}");
    assertThat(context.path("requestId").asText()).isEqualTo("request-1");
    assertThat(context.path("name").asText()).isEqualTo("shop");
    assertThat(context.path("version").asText()).isEqualTo(VERSION);
    assertThat(context.path("memory").asInt()).isEqualTo(MEMORY_MB);
    assertThat(context.path("remainingMs").asLong()).isBetween(1L, PATIENCE.toMillis());
  }

  @Test
  void invoke_handlerRaises_isAFunctionErrorAndTheNextOneWorks() throws Exception {
    FunctionProcess process = ready(Sample.RAISES);
    for (int i = 0; i < 2; i++) {
      InstanceReply.FunctionError error = error(process, "{}");
      assertThat(error.errorType()).isEqualTo(errorType(Sample.RAISES));
      assertThat(error.errorMessage()).isEqualTo("no stock");
      assertThat(error.stackTrace()).anyMatch(frame -> frame.contains("find_stock"));
      assertThat(error.stackTrace()).noneMatch(frame -> frame.contains("rekindle"));
    }
    assertThat(process.log()).contains("no stock");
  }

  @Test
  void invoke_resultNotJson_isAMarshalError() throws Exception {
    FunctionProcess process = ready(Sample.NOT_JSON);
    assertThat(error(process, "{}").errorType()).isEqualTo(errorType(Sample.NOT_JSON));
    assertThat(process.isAlive()).isTrue();
  }

  @Test
  void invoke_eventNotJson_isAnUnmarshalError() throws Exception {
    FunctionProcess process = ready(Sample.ECHO);
    assertThat(error(process, "{\"a\":").errorType()).isEqualTo("Runtime.UnmarshalError");
    assertThat(error(process, "").errorType()).isEqualTo("Runtime.UnmarshalError");
    assertThat(result(process, "1").asInt()).isEqualTo(1);
  }

  @Test
  void invoke_memoryExhausted_isAFunctionErrorAndTheProcessGoesOnWhereItCan() throws Exception {
    FunctionProcess process = ready(Sample.EXHAUSTS_MEMORY);
    assertThat(error(process, "{}").errorType()).isEqualTo(errorType(Sample.EXHAUSTS_MEMORY));
    if (endsAfter(Sample.EXHAUSTS_MEMORY)) {
      assertThat(process.exitCode()).isPositive();
    } else {
      assertThat(error(process, "{}").errorType()).isEqualTo(errorType(Sample.EXHAUSTS_MEMORY));
    }
  }

  @Test
  void invoke_prints_isInTheLogWhenTheReplyComes() throws Exception {
    FunctionProcess process = ready(Sample.PRINTS);
    result(process, "{\"text\":\"płatność 42\"}");
    assertThat(process.log()).containsOnlyOnce("out: płatność 42").contains("err: płatność 42");
  }

  @Test
  void invoke_processExits_closesWithoutReply() throws Exception {
    FunctionProcess process = ready(Sample.EXITS);
    ChannelException failure =
        failure(channel.invoke(process.socket(), invocation("{}"), PATIENCE));
    assertThat(failure.reason()).isEqualTo(ChannelException.Cause.CLOSED_WITHOUT_REPLY);
    assertThat(process.exitCode()).isEqualTo(3);
    failure = failure(channel.invoke(process.socket(), invocation("{}"), PATIENCE));
    assertThat(failure.reason()).isEqualTo(ChannelException.Cause.CANNOT_CONNECT);
  }

  @Test
  void invoke_tooSlow_timesOut() throws Exception {
    FunctionProcess process = ready(Sample.SLEEPS);
    Duration timeout = Duration.ofMillis(200);
    ChannelException failure = failure(channel.invoke(process.socket(), invocation("{}"), timeout));
    assertThat(failure.reason()).isEqualTo(ChannelException.Cause.TIMEOUT);
    assertThat(failure).hasMessageContaining("200 ms");
  }

  @Test
  void invoke_threadLeftBehind_doesNotDisturb() throws Exception {
    FunctionProcess process = ready(Sample.LEAVES_THREAD);
    assertThat(result(process, "{}").asText()).isEqualTo("started");
    assertThat(result(process, "{}").asText()).isEqualTo("started");
    checkpoint(process);
  }

  @Test
  void environment_reachesTheFunction() throws Exception {
    FunctionProcess process = start(handler(Sample.ENVIRONMENT), Map.of("SHOP", "wrocław"));
    assertThat(result(process, "{\"name\":\"SHOP\"}").asText()).isEqualTo("wrocław");
    assertThat(result(process, "{\"name\":\"AWS_LAMBDA_FUNCTION_NAME\"}").asText())
        .isEqualTo("shop");
    assertThat(result(process, "{\"name\":\"AWS_EXECUTION_ENV\"}").asText())
        .isEqualTo("Rekindle_" + runtime());
    assertThat(result(process, "{\"name\":\"NOT_SET\"}").isNull()).isTrue();
  }

  @Test
  void environment_isThatOfLambda() throws Exception {
    FunctionProcess process = start(handler(Sample.ENVIRONMENT), Map.of("AWS_REGION", "eu-west-1"));
    for (String variable : List.of("AWS_REGION", "AWS_DEFAULT_REGION")) {
      assertThat(result(process, "{\"name\":\"%s\"}".formatted(variable)).asText())
          .isEqualTo("eu-west-1");
    }
    assertThat(result(process, "{\"name\":\"LAMBDA_RUNTIME_DIR\"}").asText())
        .endsWith("/rekindle/runtime");
    assertThat(result(process, "{\"name\":\"AWS_LAMBDA_INITIALIZATION_TYPE\"}").asText())
        .isEqualTo("snap-start");
  }

  @Test
  void boot_fails_saysWhyAndLeaves() throws Exception {
    for (Sample sample :
        List.of(
            Sample.NO_MODULE,
            Sample.NO_HANDLER,
            Sample.SYNTAX_ERROR,
            Sample.RAISES_AT_LOAD,
            Sample.EXITS_AT_LOAD)) {
      FunctionProcess process = start(handler(sample));
      JsonNode line = process.readiness();
      assertThat(line.path("ok").isBoolean()).as("%s: %s", sample, line).isTrue();
      assertThat(line.path("ok").asBoolean()).as("%s", sample).isFalse();
      assertThat(line.path("errorType").asText()).isEqualTo(errorType(sample));
      assertThat(line.path("errorMessage").asText()).isNotEmpty();
      assertThat(frames(line).isArray()).isTrue();
      assertThat(process.exitCode()).as("%s", sample).isEqualTo(1);
      assertThat(process.log()).contains(line.path("errorType").asText());
    }
  }

  @Test
  void boot_raises_showsTheFunctionsFrames() throws Exception {
    JsonNode line = start(handler(Sample.RAISES_AT_LOAD)).readiness();
    assertThat(line.path("errorMessage").asText()).isEqualTo("no settings");
    assertThat(frames(line).toString()).contains("task").doesNotContain("rekindle");
  }

  /** Node.js has another name for them. */
  private static JsonNode frames(JsonNode document) {
    return document.has("trace") ? document.path("trace") : document.path("stackTrace");
  }

  @Test
  void client_leavesInTheMiddle_theNextOneIsServed() throws Exception {
    FunctionProcess process = ready(Sample.ECHO);
    byte[] request =
        new Frame(Frame.header("invoke"), invocation("[1]").event()).encode().getBytes();
    for (int length = 0; length <= request.length; length++) {
      RawClient.sendAndLeave(process.socket(), Arrays.copyOf(request, length));
    }
    assertThat(result(process, "[2]").get(0).asInt()).isEqualTo(2);
  }

  @Test
  void frames_damaged_doNotEndTheFunction() throws Exception {
    FunctionProcess process = ready(Sample.ECHO);
    Random random = new Random(20_240_601);
    byte[] request =
        new Frame(Frame.header("invoke"), invocation("[1]").event()).encode().getBytes();
    for (int round = 0; round < 300; round++) {
      byte[] bytes = request.clone();
      if (round % 2 == 0) {
        bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
      } else {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
      }
      RawClient.send(process.socket(), bytes);
    }
    assertThat(result(process, "[2]").get(0).asInt()).isEqualTo(2);
  }

  @Test
  void beforeCheckpoint_leavesNoConnectionOpen() throws Exception {
    FunctionProcess process = ready(Sample.ECHO);
    for (int i = 0; i < 20; i++) {
      result(process, "{}");
      checkpoint(process);
      assertThat(RawClient.openConnections(process.socket())).isZero();
    }
  }

  @Test
  void hooks_runInLambdasOrderAtEveryCheckpoint() throws Exception {
    FunctionProcess process = ready(Sample.HOOKS);
    assertThat(result(process, "{}")).isEmpty();
    checkpoint(process);
    assertThat(result(process, "{}")).map(JsonNode::asText).containsExactly("before2", "before1");
    restored(process, restore(1, Map.of()));
    assertThat(result(process, "{}"))
        .map(JsonNode::asText)
        .containsExactly("before2", "before1", "after1", "after2");
    checkpoint(process);
    assertThat(result(process, "{}"))
        .map(JsonNode::asText)
        .endsWith("after1", "after2", "before2", "before1");
  }

  @Test
  void hooks_thatFail_areReportedAndTheFunctionLives() throws Exception {
    FunctionProcess before = ready(Sample.FAILING_BEFORE_HOOK);
    ChannelException failure = failure(channel.beforeCheckpoint(before.socket(), PATIENCE));
    assertThat(failure.reason()).isEqualTo(ChannelException.Cause.HOOK_FAILED);
    assertThat(failure)
        .hasMessageContaining("socket still open")
        .hasMessageContaining(errorType(Sample.FAILING_BEFORE_HOOK));
    assertThat(before.isAlive()).isTrue();

    FunctionProcess after = ready(Sample.FAILING_AFTER_HOOK);
    checkpoint(after);
    failure = failure(channel.afterRestore(after.socket(), restore(1, Map.of()), PATIENCE));
    assertThat(failure.reason()).isEqualTo(ChannelException.Cause.HOOK_FAILED);
    assertThat(failure).hasMessageContaining("no database");
    assertThat(after.isAlive()).isTrue();
  }

  @Test
  void afterRestore_refreshesTheEnvironment() throws Exception {
    FunctionProcess process = start(handler(Sample.ENVIRONMENT), Map.of("OLD", "1", "BOTH", "1"));
    checkpoint(process);
    restored(process, restore(1, Map.of("BOTH", "2", "NEW", "ż")));
    assertThat(result(process, "{\"name\":\"OLD\"}").asText()).isEqualTo("1");
    assertThat(result(process, "{\"name\":\"BOTH\"}").asText()).isEqualTo("2");
    assertThat(result(process, "{\"name\":\"NEW\"}").asText()).isEqualTo("ż");
  }

  @Test
  void afterRestore_renewsEveryRandomSource() throws Exception {
    JsonNode frozen = draws(-1);
    JsonNode first = draws(1);
    JsonNode same = draws(1);
    JsonNode second = draws(2);
    assertThat(frozen.size()).isGreaterThan(3);
    TreeSet<String> derived = new TreeSet<>();
    for (Map.Entry<String, JsonNode> source : frozen.properties()) {
      String name = source.getKey();
      assertThat(first.get(name)).as("%s: twins", name).isNotEqualTo(second.get(name));
      assertThat(first.get(name)).as("%s: not renewed", name).isNotEqualTo(source.getValue());
      if (name.startsWith("seeded") || name.startsWith("entropy")) {
        derived.add(name);
        // Only what was handed over decides: else the two lines above could pass by chance.
        assertThat(first.get(name)).as("%s: other entropy", name).isEqualTo(same.get(name));
      }
    }
    assertThat(derived).isNotEmpty();
    assertThat(derived)
        .filteredOn(name -> name.startsWith("seeded"))
        .allSatisfy(name -> assertThat(draws(-1).get(name)).isEqualTo(frozen.get(name)));
  }

  /** Draws in a new process, after a checkpoint and, unless entropy is negative, a restore. */
  private JsonNode draws(int entropy) throws Exception {
    FunctionProcess process = ready(Sample.DRAWS);
    checkpoint(process);
    if (entropy >= 0) {
      restored(process, restore(entropy, Map.of()));
    }
    return result(process, "{}");
  }

  @Test
  void validateHandler_acceptsTheSamplesAndRefusesNonsense() {
    for (Sample sample : Sample.values()) {
      warmer().validateHandler(handler(sample));
    }
    for (String nonsense :
        List.of("", " ", ".", "..", "../../etc/passwd", "a b.c", "-x.y", "x.y\n")) {
      assertThatThrownBy(() -> warmer().validateHandler(nonsense))
          .as("'%s'", nonsense)
          .isInstanceOfSatisfying(
              WarmerException.class,
              e -> assertThat(e.reason()).isEqualTo(WarmerException.Cause.INVALID_HANDLER));
    }
  }
}
