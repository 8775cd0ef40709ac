package dev.rekindle.orchestrator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.Json;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.api.RecordingRequest;
import dev.rekindle.api.RecordingText;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.client.ApiException;
import dev.rekindle.api.client.Recording;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Recordings of functions' latencies, with real processes. */
class RecordingTest {
  /** Sleeps 60 ms in the third request of its process, and else answers at once. */
  private static final String THIRD_IS_SLOW =
      """
      import time
      served = 0
      def handler(event, context):
          global served
          served += 1
          if served == 3:
              time.sleep(0.06)
          print(context.aws_request_id, event)
          return served
      """;

  private static TestService service;

  @BeforeAll
  static void start() throws Exception {
    service = TestService.start(Map.of("maxInstances", 2));
  }

  @AfterAll
  static void close() throws Exception {
    service.close();
  }

  private static RecordingRequest request(int requests, String... events) throws IOException {
    List<JsonNode> parsed = new ArrayList<>();
    for (String event : events) {
      parsed.add(Json.mapper().readTree(Sample.event(event)));
    }
    return new RecordingRequest(requests, parsed.isEmpty() ? null : parsed);
  }

  private static Recording record(String name, RecordingRequest request) {
    return service.client().record(name, request, rows -> {});
  }

  private static ApiException refused(String name, RecordingRequest request) {
    return catchThrowableOfType(ApiException.class, () -> record(name, request));
  }

  /** Instances of the whole node, those that serve no caller included. */
  private static void awaitInstances(int count) throws Exception {
    Await.until(
        count + " instances",
        () ->
            new String(service.http().get("/metrics").body(), UTF_8)
                .contains("\nrekindle_instances " + count + ".0\n"));
  }

  /** A recording that hangs in its second request. */
  private static CompletableFuture<Recording> hanging(String name) throws Exception {
    RecordingRequest twice = request(2, "{}", "{'do':'gate'}");
    CompletableFuture<Void> begun = new CompletableFuture<>();
    CompletableFuture<Recording> recording =
        CompletableFuture.supplyAsync(
            () -> service.client().record(name, twice, rows -> begun.complete(null)));
    CompletableFuture.anyOf(begun, recording).get();
    return recording;
  }

  private static ApiException failure(CompletableFuture<?> recording) throws Exception {
    Await.until("its end", recording::isDone);
    return (ApiException)
        catchThrowableOfType(java.util.concurrent.ExecutionException.class, () -> recording.get())
            .getCause();
  }

  @Test
  void record_isOfOneFreshProcessThatServesNoCaller() throws Exception {
    var unused =
        service.client().deploy("third", Sample.afterFirst(), Sample.source(THIRD_IS_SLOW));
    for (int round = 0; round < 2; round++) {
      Recording recording = record("third", request(5, "1", "2"));
      assertThat(recording.latenciesUs()).hasSize(5);
      assertThat(recording.latenciesUs().get(2)).isGreaterThanOrEqualTo(60_000);
      assertThat(recording.failed()).isZero();
      awaitInstances(0);
    }
    var function = service.client().function("third");
    assertThat(function.starts().cold() + function.starts().warm()).isZero();
    assertThat(function.snapshots()).isEmpty();
    assertThat(service.client().logs("third", 100))
        .contains("recording-4 2", "recording-5 1")
        .doesNotContain("recording-6");
    assertThat(service.ask("third", "{}").asInt()).as("a process of its own").isEqualTo(1);
    service.client().delete("third");
  }

  @Test
  void record_errorsOfTheFunction_areMeasuredAndCounted() throws Exception {
    service.deploy("fails", Sample.cold());
    Recording recording = record("fails", request(5, "{}", "{'do':'fail'}"));
    assertThat(recording.latenciesUs()).hasSize(5);
    assertThat(recording.failed()).isEqualTo(2);
    service.client().delete("fails");
  }

  @Test
  void record_withoutEvents_takesTheWarmUpEvents() throws Exception {
    service.deploy(
        "samples",
        Sample.settings(
            f -> f.put("warmup", Map.of("events", List.of(Map.of("do", "fail"), Map.of("n", 1))))));
    assertThat(record("samples", request(3)).failed()).isEqualTo(2);
    service.client().delete("samples");
  }

  @Test
  void record_processEnds_keepsTheRowsAndSaysWhy() throws Exception {
    service.deploy("dies", Sample.cold());
    RecordingRequest dying = request(9, "{}", "{}", "{'do':'die'}");
    ApiException e = refused("dies", dying);
    assertThat(e.is(ProblemCode.BAD_FUNCTION_REPLY)).isTrue();
    assertThat(e).hasMessageContaining("The recording of 'dies' cannot go on: The function's");

    String body = new String(Json.write(dying), UTF_8);
    String reply =
        service
            .http()
            .raw(
                "POST /v1/functions/dies/recordings HTTP/1.1\r\nHost: a\r\nContent-Length: "
                    + body.length()
                    + "\r\n\r\n"
                    + body);
    assertThat(reply).contains("text/csv", RecordingText.HEADER, "\n2,", RecordingText.PROBLEM);
    assertThat(reply).doesNotContain("\n3,", "\r\n0\r\n\r\n");
    awaitInstances(0);
    service.client().delete("dies");
  }

  @Test
  void record_requestTakesTooLong_saysWhy() throws Exception {
    service.deploy(
        "hangs",
        Sample.settings(
            f -> {
              f.put("timeoutMs", 200);
              f.put("policy", Map.of("name", "cold"));
            }));
    ApiException e = refused("hangs", request(2, "{'do':'hang'}"));
    assertThat(e.is(ProblemCode.FUNCTION_TIMEOUT)).isTrue();
    assertThat(e).hasMessageContaining("0.20 seconds");
    awaitInstances(0);
    service.client().delete("hangs");
  }

  @Test
  void record_functionDoesNotLoad_isAProblem() throws Exception {
    var unused =
        service.client().deploy("broken", Sample.cold(), Sample.source("raise ValueError('no')"));
    ApiException e = refused("broken", request(2));
    assertThat(e.is(ProblemCode.START_FAILED)).isTrue();
    assertThat(e).hasMessageContaining("ValueError");
    assertThat(refused("none", request(1)).is(ProblemCode.UNKNOWN_FUNCTION)).isTrue();
    awaitInstances(0);
    service.client().delete("broken");
  }

  @Test
  void record_clientLeaves_endsTheInstance() throws Exception {
    service.deploy("left", Sample.cold());
    String body = "{\"requests\":2,\"events\":[{\"do\":\"hang\"}]}";
    try (Socket socket = service.http().connect()) {
      socket
          .getOutputStream()
          .write(
              ("POST /v1/functions/left/recordings HTTP/1.1\r\nHost: a\r\nContent-Length: "
                      + body.length()
                      + "\r\n\r\n"
                      + body)
                  .getBytes(UTF_8));
      byte[] some = new byte[1];
      assertThat(socket.getInputStream().read(some)).as("it has begun").isEqualTo(1);
      awaitInstances(1);
    }
    awaitInstances(0);
    service.client().delete("left");
  }

  @Test
  void record_atTheSameTime_isRefusedAndCallersAreServed() throws Exception {
    service.deploy("busy", Sample.cold());
    CompletableFuture<Recording> first = hanging("busy");
    assertThat(refused("busy", request(1)).is(ProblemCode.CONFLICT)).isTrue();

    // The node has one more place: a caller takes that, and the recording goes on.
    assertThat(service.invoke("busy", "{}").start()).isEqualTo(StartKind.COLD);
    assertThat(first).isNotDone();
    // Two callers at once need both.
    CompletableFuture<?> waits = service.invokeAsync("busy", "{'do':'gate'}");
    service.awaitBusy("busy", 1);
    assertThat(service.invoke("busy", "{}").start()).isEqualTo(StartKind.COLD);
    ApiException e = failure(first);
    assertThat(e.is(ProblemCode.TOO_MANY_REQUESTS)).as("%s", e).isTrue();
    assertThat(e).hasMessageContaining("a caller needs its place");

    // Both places are taken, by the one that waits and the one that is idle now.
    ApiException full = refused("busy", request(1));
    assertThat(full.is(ProblemCode.TOO_MANY_REQUESTS)).as("%s", full).isTrue();
    service.openGate(service.awaitBusy("busy", 1).get(0));
    waits.get();
    service.client().delete("busy");
    awaitInstances(0);
  }

  @Test
  void delete_andUpdate_endTheRecording() throws Exception {
    service.deploy("gone", Sample.cold());
    CompletableFuture<Recording> first = hanging("gone");
    service.deploy("gone", Sample.cold());
    assertThat(failure(first)).hasMessageContaining("the function was updated");
    CompletableFuture<Recording> second = hanging("gone");
    service.client().delete("gone");
    assertThat(failure(second)).hasMessageContaining("the function was removed");
    awaitInstances(0);
  }

  @Test
  void shutdown_endsTheRecording() throws Exception {
    service.deploy("down", Sample.cold());
    CompletableFuture<Recording> recording = hanging("down");
    service.restart();
    assertThat(failure(recording)).isNotNull();
    assertThat(record("down", request(1)).latenciesUs()).hasSize(1);
    service.client().delete("down");
  }

  @Test
  void record_ofAServer_sendsRequests() throws Exception {
    HttpFunctions.deployEdges(service, "web", f -> {});
    Recording plain = record("web", request(2));
    assertThat(plain.latenciesUs()).hasSize(2);
    Recording posts = record("web", request(2, "{'path':'/a','method':'POST','body':{'n':1}}"));
    assertThat(posts.latenciesUs()).hasSize(2);
    JsonNode problem =
        HttpCalls.assertProblem(
            service
                .http()
                .json(
                    "POST",
                    "/v1/functions/web/recordings",
                    "{'requests':1,'events':[{'path':'/'},{'path':'x'}]}"),
            ProblemCode.INVALID_FIELD);
    assertThat(problem.path("field").asText()).isEqualTo("events[1]");
    service.client().delete("web");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}|requests",
        "{'requests':0}|requests",
        "{'requests':100001}|requests",
        "{'requests':'1'}|requests",
        "{'requests':1,'events':[]}|events",
        "{'requests':1,'events':{}}|events",
        "{'requests':1,'rounds':1}|rounds",
      })
  void record_badRequest_namesTheField(String body, String field) throws Exception {
    service.deploy("asked", Sample.cold());
    JsonNode problem =
        HttpCalls.assertProblem(
            service.http().json("POST", "/v1/functions/asked/recordings", body),
            ProblemCode.INVALID_FIELD);
    assertThat(problem.path("field").asText()).isEqualTo(field);
  }
}
