package dev.rekindle.orchestrator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.api.EventRecord;
import dev.rekindle.api.EventType;
import dev.rekindle.api.Headers;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.api.SnapshotDescription;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What those who run the service look at. */
class OperationsTest {
  private static TestService service;

  @BeforeAll
  static void start() throws Exception {
    service = TestService.start();
  }

  @AfterAll
  static void close() throws Exception {
    service.close();
  }

  private static String body(HttpResponse<byte[]> reply) {
    return new String(reply.body(), UTF_8);
  }

  @Test
  void health_isOk() throws Exception {
    HttpResponse<byte[]> health = service.http().get("/healthz");
    assertThat(health.statusCode()).isEqualTo(200);
    assertThat(body(health)).isEqualTo("ok\n");
    assertThat(service.client().ready().ready()).isTrue();
    assertThat(service.client().ready().reasons()).isEmpty();
  }

  @Test
  void contract_isServedAsItIsBuilt() throws Exception {
    HttpResponse<byte[]> contract = service.http().get("/openapi.yaml");
    assertThat(contract.headers().firstValue("Content-Type")).hasValue("application/yaml");
    try (var in = OperationsTest.class.getResourceAsStream("/openapi.yaml")) {
      assertThat(in).isNotNull();
      assertThat(contract.body()).isEqualTo(in.readAllBytes());
    }
  }

  @Test
  void unknownPath_isNotFound() throws Exception {
    for (String path : List.of("/v1", "/v1/nothing", "/v1/functions/a/b", "/v2/functions", "//")) {
      HttpCalls.assertProblem(service.http().get(path), ProblemCode.NOT_FOUND);
    }
  }

  @Test
  void wrongMethod_isNotAllowedAndNamesThoseThatAre() throws Exception {
    HttpResponse<byte[]> reply = service.http().json("PATCH", "/v1/functions/a", "{}");
    HttpCalls.assertProblem(reply, ProblemCode.METHOD_NOT_ALLOWED);
    assertThat(allowed(reply)).isEqualTo(Set.of("DELETE", "GET", "PUT"));
    HttpResponse<byte[]> health = service.http().json("POST", "/healthz", "{}");
    HttpCalls.assertProblem(health, ProblemCode.METHOD_NOT_ALLOWED);
    assertThat(allowed(health)).isEqualTo(Set.of("GET"));
  }

  private static Set<String> allowed(HttpResponse<byte[]> reply) {
    return new TreeSet<>(
        List.of(reply.headers().firstValue("Allow").orElse("none").split(", ?", -1)));
  }

  @Test
  void everyReply_hasARequestIdOfItsOwn() throws Exception {
    Set<String> ids = new TreeSet<>();
    for (String path : List.of("/healthz", "/metrics", "/nowhere", "/v1/functions")) {
      ids.add(service.http().get(path).headers().firstValue(Headers.REQUEST_ID).orElseThrow());
    }
    assertThat(ids).hasSize(4);
  }

  @Test
  void events_tellTheLifeOfAFunctionInOrder() throws Exception {
    try (EventStream events = new EventStream(service)) {
      assertThat(events.response().headers().firstValue("Content-Type"))
          .hasValue("text/event-stream");
      SnapshotDescription snapshot = service.deployAndFreeze("told", Sample.afterFirst());
      String clone = service.invoke("told", "{}").instance();
      service.client().delete("told");
      events.await(EventType.DELETE, "told");
      List<EventRecord> records =
          events.records().stream().filter(e -> e.function().equals("told")).toList();
      assertThat(records)
          .extracting(EventRecord::type)
          .containsExactly(
              EventType.DEPLOY,
              EventType.START,
              EventType.CHECKPOINT,
              EventType.EVICTION,
              EventType.RESTORE,
              EventType.EVICTION,
              EventType.DELETE);
      assertThat(records).extracting(EventRecord::id).isSorted().doesNotHaveDuplicates();
      EventRecord restore = records.get(4);
      assertThat(restore.instance()).isEqualTo(clone);
      assertThat(restore.snapshot()).isEqualTo(snapshot.id());
      assertThat(restore.millis()).isPositive();
      assertThat(records.get(2).snapshot()).isEqualTo(snapshot.id());
      assertThat(events.lines()).contains("id: " + restore.id(), "event: restore");
    }
  }

  @Test
  void events_listenerComesBack_getsWhatItMissed() throws Exception {
    long last;
    try (EventStream events = new EventStream(service)) {
      service.deploy("first", Sample.cold());
      last = events.await(EventType.DEPLOY, "first").id();
    }
    service.deploy("second", Sample.cold());
    try (EventStream events = new EventStream(service, "Last-Event-ID", Long.toString(last))) {
      assertThat(events.await(EventType.DEPLOY, "second").id()).isGreaterThan(last);
      assertThat(events.records()).extracting(EventRecord::function).doesNotContain("first");
    }
    try (EventStream events = new EventStream(service, "Last-Event-ID", "nonsense")) {
      service.deploy("third", Sample.cold());
      events.await(EventType.DEPLOY, "third");
      assertThat(events.records()).extracting(EventRecord::function).doesNotContain("second");
    }
  }

  @Test
  void metrics_countWhatHappened() throws Exception {
    service.deployAndFreeze("counted", Sample.afterFirst());
    service.invoke("counted", "{}");
    service.invoke("counted", "{'do':'fail'}");
    HttpResponse<byte[]> reply = service.http().get("/metrics");
    assertThat(reply.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
    String metrics = body(reply);
    assertThat(metrics)
        .contains(
            "rekindle_invocation_seconds_count"
                + "{function=\"counted\",outcome=\"ok\",start=\"cold\"} 1",
            "rekindle_invocation_seconds_count"
                + "{function=\"counted\",outcome=\"ok\",start=\"restored\"} 1",
            "rekindle_invocation_seconds_count"
                + "{function=\"counted\",outcome=\"function-error\",start=\"warm\"} 1",
            "rekindle_phase_seconds_count{function=\"counted\",phase=\"boot\"} 1",
            "rekindle_phase_seconds_count{function=\"counted\",phase=\"restore\"} 1",
            "rekindle_checkpoint_pause_seconds_count{function=\"counted\"} 1",
            "rekindle_evictions_total{function=\"counted\"} 1.0");
    assertThat(metrics.lines().filter(l -> l.startsWith("rekindle_store_bytes ")))
        .singleElement()
        .satisfies(l -> assertThat(Double.parseDouble(l.split(" ")[1])).isGreaterThan(1e6));
    // What the text format allows: name, labels, number.
    assertThat(metrics.lines().filter(l -> !l.startsWith("#")))
        .allMatch(l -> l.matches("[a-z_]+(\\{[^}]*})? [-+0-9.eENaIinf]+"));
  }
}
