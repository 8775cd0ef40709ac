package dev.rekindle.orchestrator.pool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.api.EventRecord;
import dev.rekindle.api.EventType;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.api.StartKind;
import dev.rekindle.orchestrator.Await;
import dev.rekindle.orchestrator.EventStream;
import dev.rekindle.orchestrator.Sample;
import dev.rekindle.orchestrator.TestService;
import dev.rekindle.orchestrator.pool.SnapshotEviction.Candidate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Which snapshots go when they take too much, by rule and with real ones. */
class SnapshotEvictionTest {
  @Test
  void nextToGo_randomStores_keepsTheRules() {
    SplittableRandom random = new SplittableRandom(8);
    for (int round = 0; round < 500; round++) {
      List<Candidate> stored = new ArrayList<>();
      int count = random.nextInt(12);
      for (int i = 0; i < count; i++) {
        String function = "f" + random.nextInt(4);
        stored.add(
            new Candidate(
                "s" + i,
                function,
                function,
                1 + random.nextLong(1_000_000),
                random.nextInt(8) > 0,
                random.nextInt(4) == 0,
                random.nextDouble()));
      }
      Optional<Candidate> next = SnapshotEviction.nextToGo(stored);
      List<Candidate> idle = stored.stream().filter(each -> !each.inUse()).toList();
      assertThat(next.isPresent()).isEqualTo(!idle.isEmpty());
      next.ifPresent(
          going -> {
            assertThat(idle).contains(going);
            boolean spare = idle.stream().anyMatch(each -> !isOnly(each, stored));
            assertThat(isOnly(going, stored)).isEqualTo(!spare);
            assertThat(idle)
                .filteredOn(each -> isOnly(each, stored) == isOnly(going, stored))
                .allSatisfy(
                    each -> assertThat(going.density()).isLessThanOrEqualTo(each.density()));
          });
    }
  }

  private static boolean isOnly(Candidate one, List<Candidate> stored) {
    return one.usable()
        && stored.stream()
                .filter(each -> each.usable() && each.identity().equals(one.identity()))
                .count()
            == 1;
  }

  @Test
  void overTheLimit_theUselessGoAndThoseInUseStay() throws Exception {
    // A Python function's snapshot has about 10 MB.
    try (TestService service = TestService.start(Map.of("budget", Map.of("storedMb", 25)))) {
      service.deployAndFreeze("busy", Sample.afterFirst());
      service.deployAndFreeze("idle", Sample.afterFirst());
      for (int i = 0; i < 3; i++) {
        assertThat(service.invoke("busy", "{}").start()).isEqualTo(StartKind.RESTORED);
        service.evictAll("busy");
      }
      String held = service.invoke("busy", "{}").snapshot();
      // Explicit checkpoints are not refused; they only make room necessary.
      for (int i = 0; i < 4; i++) {
        var unused = service.client().checkpoint("idle");
      }
      service.evictAll("idle");
      Await.until("room is made", () -> bytes(service) <= 25L << 20);

      assertThat(service.client().snapshots("busy"))
          .extracting(SnapshotDescription::id)
          .contains(held);
      assertThat(evictions(service))
          .isNotEmpty()
          .allSatisfy(
              event -> {
                assertThat(event.function()).isEqualTo("idle");
                assertThat(event.message()).contains("budget.storedMb", "least");
              });
      assertThat(new String(service.http().get("/metrics").body(), UTF_8))
          .contains("rekindle_snapshots_evicted_total{function=\"idle\"}")
          .contains("rekindle_budget_stored_limit_bytes 2.62144E7");
      assertThat(service.client().snapshots("idle")).isNotEmpty();
      assertThat(service.invoke("idle", "{}").start()).isEqualTo(StartKind.RESTORED);
    }
  }

  @Test
  void checkpointsPerHour_holdForPoliciesThatDoNotAsk() throws Exception {
    try (TestService service =
        TestService.start(Map.of("budget", Map.of("checkpointsPerHour", 1)))) {
      service.deployAndFreeze("first", Sample.afterFirst());
      service.deploy(
          "second",
          Sample.settings(f -> f.put("policy", new PolicyChoice("request-centric", Map.of()))));
      for (int i = 0; i < 8; i++) {
        var unused = service.invoke("second", "{}");
      }
      service.evictAll("second");
      assertThat(service.client().snapshots("second")).isEmpty();
      assertThat(events(service))
          .filteredOn(event -> event.message().contains("checkpoint refused"))
          .hasSize(1)
          .allSatisfy(event -> assertThat(event.message()).contains("budget.checkpointsPerHour"));
      // Whoever asks for one gets it.
      assertThat(service.client().checkpoint("second").function()).isEqualTo("second");
    }
  }

  private static long bytes(TestService service) {
    long sum = 0;
    for (String function : List.of("busy", "idle")) {
      sum +=
          service.client().snapshots(function).stream().mapToLong(SnapshotDescription::bytes).sum();
    }
    return sum;
  }

  private static List<EventRecord> events(TestService service) throws Exception {
    try (EventStream stream = new EventStream(service, "Last-Event-ID", "0")) {
      return Await.value("events", stream::records, records -> !records.isEmpty());
    }
  }

  private static List<EventRecord> evictions(TestService service) throws Exception {
    return events(service).stream()
        .filter(event -> event.type() == EventType.EVICTION && event.instance() == null)
        .toList();
  }
}
