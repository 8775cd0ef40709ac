package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.client.InvocationReply;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** More invocations than instances: limits, the queue, its bound and its deadline. */
class QueueTest {
  private static final int NODE_LIMIT = 3;
  private static final int QUEUE_LIMIT = 2;
  private static TestService service;

  @BeforeAll
  static void start() throws Exception {
    service =
        TestService.start(
            Map.of("maxInstances", NODE_LIMIT, "queueLimit", QUEUE_LIMIT, "queueTimeoutMs", 1_500));
  }

  @AfterAll
  static void close() throws Exception {
    service.close();
  }

  private static void assertRetryAfter(HttpResponse<byte[]> reply) {
    assertThat(reply.headers().firstValue("Retry-After").orElse("none")).matches("[1-9][0-9]*");
  }

  private static void deployOne(String name) {
    service.deploy(
        name,
        Sample.settings(
            f -> {
              f.put("maxInstances", 1);
              f.put("policy", Map.of("name", "cold"));
            }));
  }

  @Test
  void invoke_pastTheInstanceLimit_waitsInOrder() throws Exception {
    deployOne("ordered");
    CompletableFuture<InvocationReply> first = service.invokeAsync("ordered", "{'do':'gate'}");
    String instance = service.awaitBusy("ordered", 1).get(0);
    CompletableFuture<InvocationReply> second = service.invokeAsync("ordered", "{'n':2}");
    awaitWaiting(1);
    CompletableFuture<InvocationReply> third = service.invokeAsync("ordered", "{'n':3}");
    awaitWaiting(2);
    service.openGate(instance);
    int before = TestService.json(first.get(60, TimeUnit.SECONDS)).path("served").asInt();
    JsonNode two = TestService.json(second.get(60, TimeUnit.SECONDS));
    JsonNode three = TestService.json(third.get(60, TimeUnit.SECONDS));
    assertThat(List.of(before, two.path("served").asInt(), three.path("served").asInt()))
        .isEqualTo(List.of(1, 2, 3));
    assertThat(second.join().start()).isEqualTo(StartKind.WARM);
    assertThat(service.client().instances("ordered")).hasSize(1);
    service.client().delete("ordered");
  }

  @Test
  void invoke_pastTheQueueBound_isRefusedAtOnce() throws Exception {
    deployOne("bounded");
    CompletableFuture<InvocationReply> running = service.invokeAsync("bounded", "{'do':'gate'}");
    String instance = service.awaitBusy("bounded", 1).get(0);
    List<CompletableFuture<InvocationReply>> waiting = new ArrayList<>();
    for (int i = 1; i <= QUEUE_LIMIT; i++) {
      waiting.add(service.invokeAsync("bounded", "{}"));
      awaitWaiting(i);
    }
    HttpResponse<byte[]> refused =
        service.http().json("POST", "/v1/functions/bounded/invocations", "{}");
    HttpCalls.assertProblem(refused, ProblemCode.TOO_MANY_REQUESTS);
    assertRetryAfter(refused);
    service.openGate(instance);
    assertThat(running.get(60, TimeUnit.SECONDS).functionError()).isNull();
    for (CompletableFuture<InvocationReply> each : waiting) {
      assertThat(each.get(60, TimeUnit.SECONDS).status()).isEqualTo(200);
    }
    assertThat(metric("rekindle_refused_total{function=\"bounded\"}")).isEqualTo(1);
    service.client().delete("bounded");
  }

  @Test
  void invoke_waitsPastTheDeadline_isRefused() throws Exception {
    deployOne("late");
    CompletableFuture<InvocationReply> running = service.invokeAsync("late", "{'do':'gate'}");
    String instance = service.awaitBusy("late", 1).get(0);
    long began = System.nanoTime();
    HttpResponse<byte[]> refused =
        service.http().json("POST", "/v1/functions/late/invocations", "{}");
    long waitedMs = (System.nanoTime() - began) / 1_000_000;
    HttpCalls.assertProblem(refused, ProblemCode.QUEUE_TIMEOUT);
    assertRetryAfter(refused);
    assertThat(waitedMs).isBetween(1_400L, 20_000L);
    service.openGate(instance);
    assertThat(running.get(60, TimeUnit.SECONDS).functionError()).isNull();
    service.client().delete("late");
  }

  @Test
  void invoke_nodeIsFullOfIdleInstances_reclaimsTheLongestIdle() throws Exception {
    deployOne("old");
    deployOne("older");
    deployOne("oldest");
    deployOne("young");
    String oldest = service.invoke("oldest", "{}").instance();
    service.invoke("older", "{}");
    String old = service.invoke("old", "{}").instance();
    // Two wait, but only one instance of it may run: one place is enough.
    CompletableFuture<InvocationReply> young = service.invokeAsync("young", "{}");
    CompletableFuture<InvocationReply> younger = service.invokeAsync("young", "{}");
    assertThat(young.get(60, TimeUnit.SECONDS).functionError()).isNull();
    assertThat(younger.get(60, TimeUnit.SECONDS).functionError()).isNull();
    assertThat(service.client().instances("oldest")).as(oldest).isEmpty();
    assertThat(service.client().instances("older")).hasSize(1);
    assertThat(service.client().instances("old")).hasSize(1);
    assertThat(service.invoke("old", "{}").instance()).isEqualTo(old);
    assertThat(metric("rekindle_instances")).isEqualTo(NODE_LIMIT);
    List.of("old", "older", "oldest", "young").forEach(service.client()::delete);
  }

  @Test
  void invoke_nodeIsFullOfBusyInstances_waitsUntilOneIsFree() throws Exception {
    service.deploy("full", Sample.cold());
    deployOne("other");
    List<CompletableFuture<InvocationReply>> running = new ArrayList<>();
    for (int i = 0; i < NODE_LIMIT; i++) {
      running.add(service.invokeAsync("full", "{'do':'gate'}"));
    }
    List<String> busy = service.awaitBusy("full", NODE_LIMIT);
    CompletableFuture<InvocationReply> waiting = service.invokeAsync("other", "{}");
    awaitWaiting(1);
    service.openGate(busy.get(0));
    assertThat(waiting.get(60, TimeUnit.SECONDS).start()).isEqualTo(StartKind.COLD);
    service.openGate(busy.get(1));
    service.openGate(busy.get(2));
    for (CompletableFuture<InvocationReply> each : running) {
      assertThat(each.get(60, TimeUnit.SECONDS).functionError()).isNull();
    }
    List.of("full", "other").forEach(service.client()::delete);
  }

  private static void awaitWaiting(int count) throws Exception {
    Await.until(count + " invocations wait", () -> metric("rekindle_invocations_waiting") == count);
  }

  private static int metric(String name) throws Exception {
    String all =
        new String(service.http().get("/metrics").body(), java.nio.charset.StandardCharsets.UTF_8);
    return all.lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElse(0);
  }
}
