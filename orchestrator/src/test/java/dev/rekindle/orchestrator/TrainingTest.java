package dev.rekindle.orchestrator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.api.EventRecord;
import dev.rekindle.api.EventType;
import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.api.SnapshotState;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.client.InvocationReply;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Trainings off the request path, with real processes. */
class TrainingTest {
  /** Each request fills one more entry of a cache; what is missing costs 4 ms an entry. */
  private static final String CACHES =
      """
      import time
      cache = {}
      def handler(event, context):
          time.sleep(max(0, 30 - len(cache)) * 0.004)
          cache[len(cache)] = True
          return len(cache)
      """;

  private TestService service;
  private EventStream events;

  @BeforeEach
  void start() throws Exception {
    service = TestService.start(Map.of("maxInstances", 3));
    events = new EventStream(service);
  }

  @AfterEach
  void close() throws Exception {
    events.close();
    service.close();
  }

  /** Settings that train with an event; {@code fixed} until the given request. */
  private static FunctionSettings fixed(int request, Map<String, Object> event) {
    return trained(new PolicyChoice("fixed", Map.of("request", request)), event);
  }

  private static FunctionSettings trained(PolicyChoice policy, Map<String, Object> event) {
    return Sample.settings(
        f -> {
          f.put("policy", policy);
          f.put("idleSeconds", 1);
          f.put("timeoutMs", 20_000);
          f.put("warmup", Map.of("events", List.of(event), "training", true));
        });
  }

  private SnapshotDescription awaitTrained(String name, long from) throws Exception {
    return Await.value(
            "a snapshot of " + name + " from request " + from + " on",
            () ->
                service.client().snapshots(name).stream()
                    .filter(s -> s.state() == SnapshotState.READY && s.request() >= from)
                    .toList(),
            found -> !found.isEmpty())
        .get(0);
  }

  private List<String> told(String name) {
    return events.records().stream()
        .filter(e -> e.type() == EventType.TRAINING && e.function().equals(name))
        .map(EventRecord::message)
        .toList();
  }

  private void awaitTold(String name, String words) throws Exception {
    Await.value(
        "a training of " + name + " that " + words,
        () -> told(name),
        all -> all.stream().anyMatch(message -> message.contains(words)));
  }

  /** Instances of the whole node, those that serve no caller included. */
  private void awaitInstances(int count) throws Exception {
    Await.until(
        count + " instances",
        () ->
            new String(service.http().get("/metrics").body(), UTF_8)
                .contains("\nrekindle_instances " + count + ".0\n"));
  }

  @Test
  void fixed_getsToItsRequestWithoutCallers() throws Exception {
    service.deploy("f", fixed(12, Map.of("sample", 1)));
    assertThat(service.ask("f", "{}").path("served").asInt()).isEqualTo(1);
    SnapshotDescription trained = awaitTrained("f", 12);
    assertThat(trained.request()).isEqualTo(12);
    awaitTold("f", "done at request 12 after 11 sample events");
    InvocationReply reply = service.invoke("f", "{}");
    assertThat(reply.start()).isEqualTo(StartKind.RESTORED);
    assertThat(reply.snapshot()).isEqualTo(trained.id());
    assertThat(TestService.json(reply).path("served").asInt()).isEqualTo(13);
    assertThat(service.client().function("f").starts().cold()).isEqualTo(1);
  }

  @Test
  void adaptive_getsToItsBestSnapshotWithAHandfulOfCallers() throws Exception {
    var unused =
        service
            .client()
            .deploy(
                "f",
                trained(new PolicyChoice("adaptive", Map.of()), Map.of()),
                Sample.source(CACHES));
    assertThat(service.ask("f", "{}").asInt()).isEqualTo(1);
    service.awaitSnapshot("f");
    service.evictAll("f");
    SnapshotDescription trained = awaitTrained("f", 20);
    awaitTold("f", "done at request " + trained.request());
    int served = 0;
    for (int call = 0; call < 4 && served <= trained.request(); call++) {
      InvocationReply reply = service.invoke("f", "{}");
      assertThat(reply.start()).isEqualTo(StartKind.RESTORED);
      served = TestService.json(reply).asInt();
      service.evictAll("f");
    }
    assertThat(served).as("callers start from it").isGreaterThan((int) trained.request());
  }

  @Test
  void callers_neverWaitForATraining() throws Exception {
    service.deploy("f", fixed(5, Map.of("do", "gate")));
    service.invoke("f", "{}");
    awaitTold("f", "begins, to request 5");
    awaitInstances(1); // the clone that is trained, and hangs at its gate
    assertThat(service.invoke("f", "{}").start()).isEqualTo(StartKind.RESTORED);
    assertThat(told("f")).hasSize(1);

    // Two more callers take all that is left: the training goes before anybody needs its place.
    CompletableFuture<InvocationReply> first = service.invokeAsync("f", "{'do':'gate'}");
    service.awaitBusy("f", 1);
    CompletableFuture<InvocationReply> second = service.invokeAsync("f", "{'do':'gate'}");
    List<String> busy = service.awaitBusy("f", 2);
    awaitTold("f", "cut off: the last place was taken");
    assertThat(service.invoke("f", "{}").failure()).as("a third place is there").isEmpty();
    for (String instance : busy) {
      service.openGate(instance);
    }
    assertThat(first.get().failure()).isEmpty();
    assertThat(second.get().failure()).isEmpty();
  }

  @Test
  void events_thatFail_areGivenUp() throws Exception {
    service.deploy("f", fixed(5, Map.of("do", "fail", "message", "not today")));
    service.invoke("f", "{}");
    awaitTold("f", "failed: sample event 0 failed: ValueError: not today");
    awaitTold("f", "given up for version 1: sample event 0 failed");
    assertThat(told("f").stream().filter(m -> m.startsWith("begins"))).hasSize(3);
    assertThat(service.client().function("f").failures().function())
        .as("no caller's request failed")
        .isZero();
    awaitInstances(0);
  }

  @Test
  void events_thatTakeTooLongOrEndTheProcess_endTheTraining() throws Exception {
    service.deploy(
        "f",
        Sample.settings(
            f -> {
              f.put("policy", new PolicyChoice("fixed", Map.of("request", 5)));
              f.put("idleSeconds", 1);
              f.put("timeoutMs", 300);
              f.put("warmup", Map.of("events", List.of(Map.of("do", "hang")), "training", true));
            }));
    service.invoke("f", "{}");
    awaitTold("f", "Task timed out after 0.30 seconds");
    service.client().delete("f");
    service.deploy("g", fixed(5, Map.of("do", "die")));
    service.invoke("g", "{}");
    awaitTold("g", "failed: sample event 0: The function's process ended");
    service.client().delete("g");
    awaitInstances(0);
  }

  @Test
  void updateDeletePolicyAndShutdown_endTheTraining() throws Exception {
    FunctionSettings settings = fixed(5, Map.of("do", "gate"));
    service.deploy("f", settings);
    service.invoke("f", "{}");
    awaitTold("f", "begins");
    service.client().putPolicy("f", new PolicyChoice("fixed", Map.of("request", 4)));
    awaitTold("f", "cut off: the policy was changed");
    awaitTold("f", "begins, to request 4");
    service.deploy("f", settings);
    awaitTold("f", "cut off: the function was updated");
    service.invoke("f", "{}"); // other code: the snapshots of the old one went with it
    Await.until(
        "the new version's",
        () -> told("f").stream().filter(m -> m.startsWith("begins, to request 5")).count() == 2);
    service.client().delete("f");
    awaitTold("f", "cut off: the function was removed");
    awaitInstances(0);

    service.deploy("g", settings);
    service.invoke("g", "{}");
    awaitTold("g", "begins");
    events.close();
    service.restart();
    events = new EventStream(service);
    awaitTold("g", "begins");
  }

  @Test
  void recording_endsTheTraining() throws Exception {
    service.deploy("f", fixed(5, Map.of("do", "gate")));
    service.invoke("f", "{}");
    awaitTold("f", "begins");
    var request =
        new dev.rekindle.api.RecordingRequest(
            2, List.of(dev.rekindle.api.Json.mapper().createObjectNode()));
    assertThat(service.client().record("f", request, rows -> {}).latenciesUs()).hasSize(2);
    awaitTold("f", "cut off: a recording begins");
  }

  @Test
  void servers_areTrainedWithRequests() throws Exception {
    HttpFunctions.deployEdges(
        service,
        "web",
        f -> {
          f.put("policy", new PolicyChoice("fixed", Map.of("request", 4)));
          f.put("idleSeconds", 1);
          f.put("warmup", Map.of("events", List.of(Map.of("path", "/")), "training", true));
        });
    assertThat(service.http().get("/function/web/").statusCode()).isEqualTo(200);
    assertThat(awaitTrained("web", 4).request()).isEqualTo(4);
  }
}
