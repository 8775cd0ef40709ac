package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.EventType;
import dev.rekindle.api.InstanceDescription;
import dev.rekindle.api.Phase;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.RestoreMode;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.client.InvocationReply;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The main job: a function starts cold, is frozen, and its clones start hot. */
class HotStartTest {
  private static TestService service;

  @BeforeAll
  static void start() throws Exception {
    service = TestService.start();
  }

  @AfterAll
  static void close() throws Exception {
    service.close();
  }

  @Test
  void invoke_wholePath_goesFromColdOverRestoredToWarm() throws Exception {
    service.deploy("path", Sample.afterFirst());
    InvocationReply cold = service.invoke("path", "{'n':1}");
    assertThat(cold.start()).isEqualTo(StartKind.COLD);
    assertThat(cold.functionError()).isNull();
    assertThat(cold.snapshot()).isNull();
    assertThat(cold.restoreMode()).isNull();
    assertThat(cold.timing().millis().keySet())
        .containsExactlyInAnyOrder(Phase.QUEUE, Phase.BOOT, Phase.HANDLER, Phase.TOTAL);
    String booted = TestService.json(cold).path("booted").asText();

    SnapshotDescription snapshot = service.awaitSnapshot("path");
    assertThat(snapshot.function()).isEqualTo("path");
    assertThat(snapshot.version()).isEqualTo(1);
    assertThat(snapshot.request()).isEqualTo(1);
    assertThat(snapshot.bytes()).isGreaterThan(1_000_000);
    InvocationReply warm = service.invoke("path", "{}");
    assertThat(warm.start()).isEqualTo(StartKind.WARM);
    assertThat(warm.instance()).isEqualTo(cold.instance());

    service.evictAll("path");
    InvocationReply hot = service.invoke("path", "{'n':2}");
    assertThat(hot.start()).isEqualTo(StartKind.RESTORED);
    assertThat(hot.snapshot()).isEqualTo(snapshot.id());
    assertThat(hot.restoreMode()).isNotNull().isNotEqualTo(RestoreMode.AUTO);
    assertThat(hot.timing().millis().keySet())
        .contains(Phase.QUEUE, Phase.RESTORE, Phase.HANDLER, Phase.TOTAL)
        .doesNotContain(Phase.BOOT);
    JsonNode said = TestService.json(hot);
    assertThat(said.path("booted").asText()).isEqualTo(booted); // the same process, in memory
    assertThat(said.path("served").asInt()).isEqualTo(2);
    assertThat(said.path("echo").path("n").asInt()).isEqualTo(2);

    InvocationReply again = service.invoke("path", "{}");
    assertThat(again.start()).isEqualTo(StartKind.WARM);
    assertThat(again.instance()).isEqualTo(hot.instance());
    assertThat(again.snapshot()).isEqualTo(snapshot.id());

    var starts = service.client().function("path").starts();
    assertThat(List.of(starts.cold(), starts.restored(), starts.warm()))
        .isEqualTo(List.of(1L, 1L, 2L));
    assertThat(service.client().snapshot(snapshot.id()).restores()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(value = RestoreMode.class, mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void invoke_restoreModeIsChosen_restoresInThatModeEveryTime(RestoreMode mode) throws Exception {
    String name = "mode-" + mode.wire();
    service.deployAndFreeze(
        name,
        Sample.settings(
            f -> {
              f.put("restoreMode", mode.wire());
              f.put("environment", Map.of("BALLAST_MB", "20"));
            }));
    for (int i = 0; i < 3; i++) {
      InvocationReply hot = service.invoke(name, "{}");
      assertThat(hot.start()).isEqualTo(StartKind.RESTORED);
      assertThat(hot.restoreMode()).isEqualTo(mode);
      assertThat(TestService.json(hot).path("served").asInt()).isEqualTo(2);
      assertThat(service.client().instances(name))
          .singleElement()
          .satisfies(instance -> assertThat(instance.restoreMode()).isEqualTo(mode));
      service.evictAll(name);
    }
    assertThat(service.client().function(name).failures().restore()).isZero();
  }

  @Test
  void invoke_autoAndTheMappedRestoreIsRefused_takesTheNextMode() throws Exception {
    service.deployAndFreeze(
        "stepping",
        Sample.settings(f -> f.put("handler", "keeps_memory.handler")),
        Sample.zip("keeps_memory.py"));
    try (EventStream events = new EventStream(service)) {
      for (int i = 0; i < 2; i++) {
        InvocationReply hot = service.invoke("stepping", "{'n':4}");
        assertThat(hot.start()).isEqualTo(StartKind.RESTORED);
        assertThat(hot.restoreMode()).isEqualTo(RestoreMode.LAZY);
        assertThat(TestService.json(hot).asInt()).isEqualTo(5);
        service.evictAll("stepping");
      }
      assertThat(service.client().function("stepping").failures().restore()).isZero();
      assertThat(events.await(EventType.FAILURE, "stepping").message())
          .startsWith("mapped restore, now trying lazy: ");
      assertThat(events.records())
          .filteredOn(e -> e.type() == EventType.FAILURE && e.function().equals("stepping"))
          .hasSize(1);
    }
  }

  @Test
  void invoke_fiftyAtOnce_runsFiftyClonesOfOneSnapshot() throws Exception {
    SnapshotDescription snapshot =
        service.deployAndFreeze(
            "fifty",
            Sample.settings(
                f -> {
                  f.put("maxInstances", 50);
                  f.put("memoryMb", 128);
                }));
    List<CompletableFuture<InvocationReply>> replies = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      replies.add(service.invokeAsync("fifty", "{'do':'gate','n':" + i + "}"));
    }
    List<String> busy = service.awaitBusy("fifty", 50);
    List<InstanceDescription> instances = service.client().instances("fifty");
    assertThat(instances).allMatch(i -> snapshot.id().equals(i.snapshot()));
    assertThat(instances).allMatch(i -> i.privateBytes() > 0);
    for (String instance : busy) {
      service.openGate(instance);
    }
    Set<String> served = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      InvocationReply reply = replies.get(i).get(60, TimeUnit.SECONDS);
      assertThat(reply.start()).isEqualTo(StartKind.RESTORED);
      JsonNode said = TestService.json(reply);
      assertThat(said.path("echo").path("n").asInt()).isEqualTo(i);
      assertThat(said.path("served").asInt()).isEqualTo(2);
      served.add(reply.instance());
    }
    assertThat(served).hasSize(50);
    assertThat(service.client().evict("fifty")).isEqualTo(50);
  }

  @Test
  void invoke_clones_drawDifferentNumbers() throws Exception {
    service.deployAndFreeze("twins", Sample.afterFirst());
    List<JsonNode> drawn = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      InvocationReply reply = service.invoke("twins", "{'do':'draw'}");
      assertThat(reply.start()).isEqualTo(StartKind.RESTORED);
      drawn.add(TestService.json(reply));
      service.evictAll("twins");
    }
    for (String source : List.of("uuid", "random", "bytes")) {
      assertThat(drawn.stream().map(d -> d.path(source).asText()).distinct()).hasSize(4);
    }
  }

  @Test
  void checkpoint_hooksClose_opensAgainInTheOriginalAndInClones() throws Exception {
    service.deployAndFreeze(
        "pair",
        Sample.afterFirst(),
        Sample.source(
            """
            from snapshot_restore_py import register_after_restore, register_before_snapshot
            told = []
            register_before_snapshot(told.append, "close")
            register_after_restore(told.append, "open")
            def handler(event, context):
                return told
            """));
    assertThat(service.ask("pair", "{}")).hasToString("[\"close\",\"open\"]");
    service.client().checkpoint("pair");
    assertThat(service.ask("pair", "{}")).hasToString("[\"close\",\"open\",\"close\",\"open\"]");
    service.evictAll("pair");
  }

  @Test
  void checkpoint_withoutInstance_startsOneAndLeavesItStandingBy() throws Exception {
    service.deploy("standby", Sample.cold());
    SnapshotDescription made = service.client().checkpoint("standby");
    assertThat(made.request()).isZero();
    assertThat(service.client().function("standby").instances().standby()).isEqualTo(1);
    assertThat(service.client().snapshots("standby"))
        .extracting(SnapshotDescription::id)
        .containsExactly(made.id());
    // Booted ahead of need, so there is nothing to wait for; it was not restored.
    assertThat(service.invoke("standby", "{}").start()).isEqualTo(StartKind.WARM);

    service.evictAll("standby");
    service.client().putPolicy("standby", new PolicyChoice("after-first", Map.of()));
    SnapshotDescription second = service.client().checkpoint("standby");
    InvocationReply reply = service.invoke("standby", "{}");
    assertThat(reply.start()).isEqualTo(StartKind.STANDBY);
    assertThat(reply.snapshot()).isEqualTo(made.id());
    assertThat(second.id()).isNotEqualTo(made.id());
  }

  @Test
  void deleteSnapshot_whileItsCloneRuns_leavesTheCloneAndStartsColdAfterwards() throws Exception {
    SnapshotDescription snapshot = service.deployAndFreeze("kept", Sample.afterFirst());
    InvocationReply hot = service.invoke("kept", "{}");
    assertThat(hot.start()).isEqualTo(StartKind.RESTORED);
    service.client().deleteSnapshot(snapshot.id());
    assertThat(service.client().snapshots("kept")).isEmpty();
    assertThat(service.ask("kept", "{'do':'draw'}").path("uuid").asText()).isNotBlank();
    service.evictAll("kept");
    Await.until(
        "no file of the deleted snapshot is left",
        () -> service.snapshotFiles(snapshot.id(), "").isEmpty());
    assertThat(service.invoke("kept", "{}").start()).isEqualTo(StartKind.COLD);
  }
}
