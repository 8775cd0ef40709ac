package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.FunctionDescription;
import dev.rekindle.api.FunctionFailure;
import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.Headers;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.client.InvocationReply;
import dev.rekindle.orchestrator.config.ServiceConfig;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Functions that misbehave: the caller is told in Lambda's form, and the service goes on. */
class FunctionFailureTest {
  private static TestService service;

  @BeforeAll
  static void start() throws Exception {
    service = TestService.start();
    service.deploy(
        "bad",
        Sample.settings(
            f -> {
              f.put("memoryMb", 96);
              f.put("policy", Map.of("name", "cold"));
            }));
  }

  @AfterAll
  static void close() throws Exception {
    service.close();
  }

  private static FunctionFailure failure(InvocationReply reply) {
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.functionError()).isEqualTo(Headers.UNHANDLED);
    return reply.failure().orElseThrow();
  }

  /** The function answers again, perhaps from another instance. */
  private static void assertServesOn(String name) throws Exception {
    assertThat(service.ask(name, "{'n':5}").path("echo").path("n").asInt()).isEqualTo(5);
  }

  private static FunctionFailure firstFailureOf(String name, String python) {
    return firstFailureOf(name, FunctionSettings.of("python3", "app.handler"), python);
  }

  private static FunctionFailure firstFailureOf(
      String name, FunctionSettings settings, String python) {
    service.client().deploy(name, settings, Sample.source(python));
    InvocationReply reply = service.invoke(name, "{}");
    assertThat(reply.start()).isEqualTo(StartKind.COLD);
    return failure(reply);
  }

  @Test
  void invoke_raises_tellsTypeMessageAndStackAndKeepsTheInstance() throws Exception {
    InvocationReply reply = service.invoke("bad", "{'do':'fail','message':'no luck'}");
    FunctionFailure failure = failure(reply);
    assertThat(failure.errorType()).isEqualTo("ValueError");
    assertThat(failure.errorMessage()).isEqualTo("no luck");
    assertThat(String.join("", failure.stackTrace())).contains("app.py").contains("in fail");
    InvocationReply next = service.invoke("bad", "{'n':5}");
    assertThat(next.instance()).isEqualTo(reply.instance());
    assertThat(next.functionError()).isNull();
  }

  @Test
  void invoke_ofNode_hasTheFieldsAndTheTypeOfItsRuntime() throws Exception {
    String code =
        """
        exports.handler = async () => { throw new RangeError('no luck'); };
        exports.stream = awslambda.streamifyResponse(async (event, stream) => {
          stream.setContentType('text/plain');
          stream.write('hello ');
          stream.end('world');
        });
        """;
    byte[] files = Sample.zipOf(Map.of("app.js", code.getBytes(StandardCharsets.UTF_8)));
    service.client().deploy("node", FunctionSettings.of("nodejs", "app.handler"), files);
    FunctionFailure failure = failure(service.invoke("node", "{}"));
    assertThat(failure.errorType()).isEqualTo("RangeError");
    assertThat(failure.stackTrace()).isNull();
    assertThat(failure.trace()).isNotEmpty();
    service.client().deploy("node", FunctionSettings.of("nodejs", "app.stream"), files);
    assertThat(new String(service.invoke("node", "{}").body(), StandardCharsets.UTF_8))
        .isEqualTo("hello world");
  }

  @Test
  void invoke_exits_tellsHowAndReplacesTheInstance() throws Exception {
    InvocationReply reply = service.invoke("bad", "{'do':'leave','code':3}");
    assertThat(failure(reply).errorType()).isEqualTo("Runtime.ExitError");
    assertThat(failure(reply).errorMessage()).contains("3");
    assertServesOn("bad");
    assertThat(failure(service.invoke("bad", "{'do':'die'}")).errorMessage()).contains("7");
    assertServesOn("bad");
  }

  @Test
  void invoke_pastItsTimeLimit_isStoppedAndCounted() throws Exception {
    service.deploy("hangs", Sample.settings(f -> f.put("timeoutMs", 400)));
    service.invoke("hangs", "{}");
    InvocationReply reply = service.invoke("hangs", "{'do':'hang'}");
    FunctionFailure failure = failure(reply);
    assertThat(failure.errorType()).isEqualTo("Sandbox.Timedout");
    assertThat(failure.errorMessage()).contains("0.40 seconds");
    Await.until(
        "the end of the stuck instance",
        () ->
            service.client().instances("hangs").stream()
                .noneMatch(i -> i.id().equals(reply.instance())));
    assertThat(service.client().function("hangs").failures().timeout()).isEqualTo(1);
    assertServesOn("hangs");
  }

  @Test
  void invoke_pastItsMemoryLimit_isStoppedAndToldSo() throws Exception {
    FunctionFailure failure = failure(service.invoke("bad", "{'do':'allocate'}"));
    assertThat(failure.errorType()).isEqualTo("Runtime.OutOfMemory");
    assertThat(failure.errorMessage()).contains("96 MB").contains("memoryMb");
    assertServesOn("bad");
  }

  @Test
  void invoke_printsMegabytes_keepsTheLastLinesOnly() throws Exception {
    service.deploy("prints", FunctionSettings.of("python3", "app.handler"));
    int lines = 60_000; // 6 MB
    assertThat(service.ask("prints", "{'do':'write','lines':" + lines + "}").asInt())
        .isEqualTo(lines);
    String last = "%07d ".formatted(lines - 1);
    String log =
        Await.value(
            "the last line in the log",
            () -> service.client().logs("prints", 1_000_000),
            kept -> kept.contains(last));
    assertThat(log.length()).isBetween(900_000, ServiceConfig.DEFAULT_LOG_BYTES);
    assertThat(log).doesNotContain("0000000 x");
    assertThat(service.client().logs("prints", 2).lines())
        .hasSize(2)
        .last()
        .asString()
        .startsWith(last);
    assertServesOn("prints");
  }

  @Test
  void invoke_resultHasNoJson_isAMarshalError() throws Exception {
    FunctionFailure failure = failure(service.invoke("bad", "{'do':'unserialisable'}"));
    assertThat(failure.errorType()).isEqualTo("Runtime.MarshalError");
    assertServesOn("bad");
  }

  @Test
  void invoke_resultOfMegabytes_comesBackWhole() throws Exception {
    JsonNode said = service.ask("bad", "{'do':'large','bytes':5000000}");
    assertThat(said.asText()).hasSize(5_000_000).matches("y+");
  }

  @Test
  void invoke_resultPastTheLimit_isAFailureAndTheFunctionServesOn() throws Exception {
    service.deploy("huge", Sample.settings(f -> f.put("memoryMb", 1024)));
    FunctionFailure failure = failure(service.invoke("huge", "{'do':'large','bytes':70000000}"));
    assertThat(failure.errorType()).isEqualTo("Function.ResponseSizeTooLarge");
    assertServesOn("huge");
  }

  @Test
  void invoke_moduleIsMissing_isAnImportError() {
    FunctionFailure failure = firstFailureOf("absent", "import no_such_module_anywhere");
    assertThat(failure.errorType()).isEqualTo("Runtime.ImportModuleError");
    assertThat(failure.errorMessage()).contains("no_such_module_anywhere");
    FunctionDescription after = service.client().function("absent");
    assertThat(after.failures().start()).isEqualTo(1);
    assertThat(after.failures().function()).isEqualTo(1);
    assertThat(after.instances().starting()).as("nothing more is tried").isZero();
    assertThat(service.client().instances("absent")).isEmpty();
  }

  @Test
  void invoke_handlerIsMissing_isToldByName() {
    FunctionFailure failure = firstFailureOf("nameless", "def other(e, c): pass");
    assertThat(failure.errorType()).isEqualTo("Runtime.HandlerNotFound");
    assertThat(failure.errorMessage()).contains("handler");
  }

  @Test
  void invoke_fileIsMissing_isAnImportError() {
    FunctionFailure failure =
        firstFailureOf(
            "fileless", FunctionSettings.of("python3", "main.handler"), "def handler(e, c): pass");
    assertThat(failure.errorType()).isEqualTo("Runtime.ImportModuleError");
    assertThat(failure.errorMessage()).contains("main");
  }

  @Test
  void invoke_codeIsNoPython_isASyntaxError() {
    FunctionFailure failure = firstFailureOf("garbled", "def handler(:\n");
    assertThat(failure.errorType()).isEqualTo("Runtime.UserCodeSyntaxError");
  }

  @Test
  void invoke_raisesAtLoad_tellsWhatTheCodeRaised() {
    FunctionFailure failure = firstFailureOf("thrower", "raise KeyError('at load')");
    assertThat(failure.errorType()).isEqualTo("KeyError");
    assertThat(failure.errorMessage()).contains("at load");
  }

  @Test
  void invoke_exitsAtLoad_isAnExitError() {
    FunctionFailure failure = firstFailureOf("leaver", "import os\nos._exit(9)");
    assertThat(failure.errorType()).isEqualTo("Runtime.ExitError");
    assertThat(failure.errorMessage()).contains("9").contains("while loading");
  }

  @Test
  void invoke_pastItsMemoryLimitAtLoad_isToldSo() {
    FunctionFailure failure =
        firstFailureOf(
            "greedy",
            Sample.settings(f -> f.put("memoryMb", 64)),
            "import os\nkept = [bytearray(os.urandom(1 << 20)) for _ in range(500)]");
    assertThat(failure.errorType()).isEqualTo("Runtime.OutOfMemory");
    assertThat(failure.errorMessage()).contains("64 MB").contains("while loading");
  }

  @Test
  void invoke_seesNothingOfTheHost() throws Exception {
    JsonNode seen = service.ask("bad", "{'do':'seen'}");
    assertThat(seen.path("uid").asInt()).isEqualTo(61_100);
    assertThat(seen.path("task").toString()).isEqualTo("[\"app.py\"]");
    assertThat(seen.path("root").toString()).doesNotContain("root\"").doesNotContain("home");
  }
}
