package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.FunctionDescription;
import dev.rekindle.api.Headers;
import dev.rekindle.api.Json;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.api.SnapshotDescription;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is done with a function around its snapshot: samples, hooks, and memory given back. */
class WarmUpTest {
  private static final Map<String, String> HOOKS =
      Map.of("beforeCheckpoint", "/freeze", "afterRestore", "/thaw?now=1");

  private static TestService service;

  @BeforeAll
  static void start() throws Exception {
    service = TestService.start();
  }

  @AfterAll
  static void close() throws Exception {
    service.close();
  }

  private static JsonNode seen(String function) throws Exception {
    return Json.mapper().readTree(service.http().get("/function/" + function + "/seen").body());
  }

  private static void deployHooked(String name, Map<String, Object> fields) {
    var unused =
        service
            .client()
            .deploy(
                name,
                HttpFunctions.settings("exec python3 hooked.py", f -> f.putAll(fields)),
                HttpFunctions.zip("hooked.py"));
  }

  @Test
  void warmup_ofAHandler_runsBeforeItsSnapshot() throws Exception {
    service.deploy(
        "handler",
        Sample.settings(
            f -> f.put("warmup", Map.of("rounds", 3, "events", List.of(Map.of("n", 1), 2)))));
    assertThat(service.ask("handler", "{}").path("served").asInt()).isEqualTo(1);
    service.awaitSnapshot("handler");
    service.evictAll("handler");
    assertThat(service.ask("handler", "{}").path("served").asInt()).isEqualTo(1 + 3 * 2 + 1);
  }

  @Test
  void warmup_ofAServer_isRequests() throws Exception {
    Map<String, Object> post =
        Map.of("path", "/a?b", "headers", Map.of("X-Shop", "s"), "body", Map.of("n", 1));
    deployHooked(
        "server",
        Map.of(
            "warmup",
            Map.of("rounds", 2, "events", List.of(Map.of("path", "/g"), post)),
            "httpHooks",
            HOOKS));
    assertThat(seen("server")).isEmpty();
    SnapshotDescription snapshot = service.awaitSnapshot("server");
    service.evictAll("server");
    JsonNode seen = seen("server");
    String get = "[\"GET\",\"/g\",\"\",\"\",\"\"]";
    String posted = "[\"POST\",\"/a?b\",\"application/json\",\"{\\\"n\\\":1}\",\"s\"]";
    assertThat(seen).hasSize(6);
    for (int i = 0; i < 4; i++) {
      assertThat(seen.get(i).toString()).isEqualTo(i % 2 == 0 ? get : posted);
    }
    assertThat(seen.get(4).get(1).asText()).isEqualTo("/freeze");
    assertThat(seen.get(5).get(1).asText()).isEqualTo("/thaw?now=1");
    JsonNode first = Json.mapper().readTree(seen.get(5).get(3).asText());
    assertThat(first.path("entropy").asText()).matches("[0-9a-f]{128}");
    assertThat(first.path("epochMs").asLong())
        .isGreaterThanOrEqualTo(snapshot.createdAt().toEpochMilli());

    service.evictAll("server");
    JsonNode second = Json.mapper().readTree(seen("server").get(5).get(3).asText());
    assertThat(second.path("entropy")).isNotEqualTo(first.path("entropy"));
  }

  @Test
  void hook_thatFailsBeforeACheckpoint_leavesTheFunctionServing() throws Exception {
    deployHooked("freezes", Map.of("httpHooks", HOOKS, "environment", Map.of("FAILS", "/freeze")));
    seen("freezes");
    JsonNode problem =
        HttpCalls.assertProblem(
            service.http().send("POST", "/v1/functions/freezes/snapshots", new byte[0]),
            ProblemCode.CHECKPOINT_FAILED);
    assertThat(problem.path("detail").asText())
        .contains("beforeCheckpoint failed", "POST /freeze gave status 500");
    FunctionDescription function = service.client().function("freezes");
    assertThat(function.checkpointFailure()).contains("POST /freeze gave status 500");
    assertThat(function.snapshots()).isEmpty();
    assertThat(seen("freezes")).isNotEmpty();
  }

  @Test
  void hook_thatFailsAfterARestore_isAColdStart() throws Exception {
    deployHooked(
        "thaws", Map.of("httpHooks", HOOKS, "environment", Map.of("FAILS", "/thaw?now=1")));
    seen("thaws");
    service.awaitSnapshot("thaws");
    service.evictAll("thaws");
    HttpResponse<byte[]> reply = service.http().get("/function/thaws/seen");
    assertThat(reply.headers().firstValue(Headers.START)).hasValue("cold");
    assertThat(service.client().function("thaws").failures().restore()).isEqualTo(1);
  }

  @Test
  void checkpoint_ofWhatCannotBeFrozen_isToldAndTheFunctionGoesOn() throws Exception {
    String holds =
        """
        import ctypes
        held = ctypes.CDLL(None).syscall(323, 1)  # userfaultfd, for user mode
        def handler(event, context):
            return held
        """;
    var unused = service.client().deploy("holds", Sample.afterFirst(), Sample.source(holds));
    assertThat(service.ask("holds", "{}").asInt()).isPositive();
    JsonNode problem =
        HttpCalls.assertProblem(
            service.http().send("POST", "/v1/functions/holds/snapshots", new byte[0]),
            ProblemCode.CHECKPOINT_FAILED);
    String named = "the function cannot be frozen: it holds a userfaultfd (descriptor ";
    assertThat(problem.path("detail").asText()).startsWith(named);
    assertThat(service.client().function("holds").checkpointFailure()).startsWith(named);
    for (int i = 0; i < 5; i++) {
      assertThat(service.ask("holds", "{}").asInt()).isPositive();
    }
    // The first answer of each instance is an attempt of the policy's own; it gives up after a few.
    Await.until(
        "no more attempts",
        () -> {
          service.client().evict("holds");
          service.ask("holds", "{}");
          return service.client().function("holds").failures().checkpoint() >= 3;
        });
    assertThat(service.client().function("holds").snapshots()).isEmpty();
  }

  @Test
  void snapshot_tellsWhatGivingMemoryBackSaved() throws Exception {
    String garbage =
        """
        class Node: pass
        def handler(event, context):
            node = Node()
            node.itself = node
            node.ballast = bytearray(b"x" * (64 << 20))
            return "left a cycle behind"
        """;
    var unused = service.client().deploy("garbage", Sample.afterFirst(), Sample.source(garbage));
    service.invoke("garbage", "{}");
    SnapshotDescription snapshot = service.awaitSnapshot("garbage");
    assertThat(snapshot.memoryBeforeBytes()).isNotNull().isGreaterThan(64 << 20);
    assertThat(snapshot.memoryAfterBytes())
        .isNotNull()
        .isLessThan(snapshot.memoryBeforeBytes() - (60 << 20));
    assertThat(snapshot.bytes()).isLessThan(snapshot.memoryAfterBytes());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "http|'warmup':{'rounds':1,'events':[1]}|warmup.events[0]",
        "http|'warmup':{'rounds':1,'events':[{'path':'/'},{'method':'GET'}]}|warmup.events[1]",
        "http|'warmup':{'rounds':1,'events':[{'path':'no slash'}]}|warmup.events[0]",
        "http|'warmup':{'rounds':1,'events':[{'path':'/','verb':'GET'}]}|warmup.events[0]",
        "http|'warmup':{'rounds':1,'events':[{'path':'/','method':'G T'}]}|warmup.events[0]",
        "http|'warmup':{'rounds':1,'events':[{'path':'/','headers':{'A':'b\\r\\nc'}}]}|warmup.events[0]",
        "http|'httpHooks':{'afterRestore':'thaw'}|httpHooks.afterRestore",
        "http|'httpHooks':{'beforeCheckpoint':'/a b'}|httpHooks.beforeCheckpoint",
        "http|'httpHooks':{'after':'/a'}|httpHooks.after",
        "python3|'httpHooks':{'afterRestore':'/thaw'}|httpHooks",
      })
  void settings_thatAreNoHttp_areRefused(String runtime, String fields, String field)
      throws Exception {
    String zip = Base64.getEncoder().encodeToString(Sample.zip("app.py"));
    String body =
        "{'runtime':'%s','handler':'app.handler','code':{'zip':'%s'},%s}"
            .formatted(runtime, zip, fields);
    JsonNode problem =
        HttpCalls.assertProblem(
            service.http().json("PUT", "/v1/functions/refused", body), ProblemCode.INVALID_FIELD);
    assertThat(problem.path("field").asText()).isEqualTo(field);
  }
}
