package dev.rekindle.orchestrator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.api.EventRecord;
import dev.rekindle.api.EventType;
import dev.rekindle.api.InstanceDescription;
import dev.rekindle.api.InstanceState;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.client.InvocationReply;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What is kept ready, and for how long, with real processes. */
class LiveReadinessTest {
  private static final PolicyChoice ADAPTIVE = new PolicyChoice("adaptive", Map.of());
  private static final Pattern IDLE = Pattern.compile("idle for (\\d+) ms");
  private static final Pattern PRICE = Pattern.compile("(?m)^rekindle_budget_memory_price (\\S+)$");

  private static long idleMs(EventRecord event) {
    Matcher matcher = IDLE.matcher(String.valueOf(event.message()));
    assertThat(matcher.find()).as(event.message()).isTrue();
    return Long.parseLong(matcher.group(1));
  }

  private static double price(TestService service) throws Exception {
    Matcher matcher = PRICE.matcher(new String(service.http().get("/metrics").body(), UTF_8));
    assertThat(matcher.find()).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  @Test
  void steadyPattern_tellsHowLongAnInstanceLives() throws Exception {
    try (TestService service = TestService.start()) {
      service.deploy(
          "steady",
          Sample.settings(
              f -> {
                f.put("policy", ADAPTIVE);
                f.put("idleSeconds", 60);
              }));
      List<StartKind> starts = new ArrayList<>();
      try (EventStream events = new EventStream(service)) {
        for (int i = 0; i < 15; i++) {
          starts.add(service.invoke("steady", "{}").start());
          Thread.sleep(300);
        }
        // After the last one: long before the 60 s that the settings allow.
        assertThat(idleMs(events.await(EventType.EVICTION, "steady"))).isBetween(200L, 30_000L);
      }
      assertThat(starts.subList(1, 10)).containsOnly(StartKind.WARM);
      assertThat(service.invoke("steady", "{}").start()).isEqualTo(StartKind.RESTORED);
    }
  }

  @Test
  void idleSeconds_given_isTheMostThatAnyPolicyKeeps() throws Exception {
    try (TestService service = TestService.start();
        EventStream events = new EventStream(service)) {
      service.deploy(
          "limited",
          Sample.settings(
              f -> {
                f.put("policy", new PolicyChoice("keep-alive", Map.of("idleSeconds", 600)));
                f.put("idleSeconds", 1);
              }));
      var unused = service.invoke("limited", "{}");
      assertThat(idleMs(events.await(EventType.EVICTION, "limited"))).isEqualTo(1_000);
    }
  }

  @Test
  void evictedStandby_isFollowedByAnother() throws Exception {
    try (TestService service = TestService.start()) {
      service.deploy(
          "standby",
          Sample.settings(
              f -> f.put("policy", new PolicyChoice("after-first", Map.of("standby", 2)))));
      var unused = service.invoke("standby", "{}");
      List<String> first = awaitStandby(service, "standby", 2);
      assertThat(service.client().evict("standby")).isEqualTo(3);
      assertThat(awaitStandby(service, "standby", 2)).doesNotContainAnyElementsOf(first);
      assertThat(service.invoke("standby", "{}").start()).isEqualTo(StartKind.STANDBY);
    }
  }

  private static List<String> awaitStandby(TestService service, String name, int count)
      throws Exception {
    return Await.value(
        count + " standby instances",
        () ->
            service.client().instances(name).stream()
                .filter(i -> i.state() == InstanceState.STANDBY)
                .map(InstanceDescription::id)
                .toList(),
        ids -> ids.size() == count);
  }

  @Test
  void severalCallers_findAsManyInstancesAfterAnEviction() throws Exception {
    try (TestService service = TestService.start()) {
      var unused =
          service
              .client()
              .deploy(
                  "crowd",
                  Sample.settings(f -> f.put("policy", ADAPTIVE)),
                  Sample.source(
                      "import time\ndef handler(event, context):\n    time.sleep(0.2)\n"));
      Await.until(
          "instances for three callers are restored ahead",
          () -> {
            burst(service, "crowd", 3);
            service.client().evict("crowd");
            Thread.sleep(400);
            return service.client().instances("crowd").stream()
                    .filter(i -> i.state() == InstanceState.STANDBY)
                    .count()
                == 3;
          });
    }
  }

  private static void burst(TestService service, String name, int callers) {
    List<CompletableFuture<InvocationReply>> calls = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      calls.add(service.invokeAsync(name, "{}"));
    }
    calls.forEach(call -> assertThat(call.join().failure()).isEmpty());
  }

  @Test
  void memoryShort_makesItDearAndEndsTheLongestIdle() throws Exception {
    try (TestService service = TestService.start(Map.of("budget", Map.of("memoryMb", 1)));
        EventStream events = new EventStream(service)) {
      assertThat(price(service)).isZero();
      service.deploy("large", Sample.settings(f -> f.put("policy", ADAPTIVE)));
      var unused = service.invoke("large", "{}");
      assertThat(events.await(EventType.EVICTION, "large").message()).contains("memory is short");
      Await.until(
          "a price",
          () -> {
            assertThat(service.invoke("large", "{}").failure()).isEmpty();
            return price(service) > 0;
          });
      assertThat(service.invoke("large", "{}").failure()).isEmpty();
      // Nothing is held any more, and memory becomes cheap again.
      Await.until("no price", () -> price(service) < 1e-4);
    }
  }
}
