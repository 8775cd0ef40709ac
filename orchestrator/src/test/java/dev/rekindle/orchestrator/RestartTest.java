package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.api.FunctionDescription;
import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.Json;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.client.InvocationReply;
import dev.rekindle.orchestrator.function.FunctionStore;
import dev.rekindle.orchestrator.function.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What outlives the service, and what a new one makes of a disk that is not as it was left. */
class RestartTest {
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
  void restart_keepsFunctionsSettingsPolicyAndSnapshots() throws Exception {
    FunctionSettings settings =
        Sample.settings(
            f -> {
              f.put("timeoutMs", 12_345);
              f.put("environment", Map.of("A", "b"));
              f.put("idleSeconds", 7);
            });
    service.deploy("kept", settings);
    service.deploy("kept", settings);
    service.invoke("kept", "{}");
    SnapshotDescription snapshot = service.awaitSnapshot("kept");
    service.deploy("tuned", Sample.afterFirst());
    service.client().putPolicy("tuned", new PolicyChoice("cold", Map.of()));
    FunctionDescription before = service.client().function("kept");

    service.restart();

    FunctionDescription after = service.client().function("kept");
    assertThat(after.settings()).isEqualTo(settings);
    assertThat(after.version()).isEqualTo(2);
    assertThat(after.codeSha256()).isEqualTo(before.codeSha256());
    assertThat(after.createdAt()).isEqualTo(before.createdAt());
    assertThat(after.updatedAt()).isEqualTo(before.updatedAt());
    assertThat(after.snapshots()).containsExactly(snapshot.id());
    assertThat(service.client().snapshot(snapshot.id()).bytes()).isEqualTo(snapshot.bytes());
    InvocationReply hot = service.invoke("kept", "{}");
    assertThat(hot.start()).isEqualTo(StartKind.RESTORED);
    assertThat(hot.snapshot()).isEqualTo(snapshot.id());
    assertThat(service.client().policy("tuned").name()).isEqualTo("cold");
    assertThat(service.client().functions())
        .extracting(FunctionDescription::name)
        .contains("kept", "tuned");
  }

  @Test
  void restart_snapshotOfAnotherHost_isRefusedWithTheReason() throws Exception {
    SnapshotDescription snapshot = service.deployAndFreeze("foreign", Sample.afterFirst());
    service.restart(() -> changeManifest(snapshot.id(), "\"criu\" : \"", "\"criu\" : \"9."));
    try (EventStream events = new EventStream(service)) {
      assertThat(service.invoke("foreign", "{}").start()).isEqualTo(StartKind.COLD);
      assertThat(events.await(dev.rekindle.api.EventType.FAILURE, "foreign").message())
          .containsIgnoringCase("criu")
          .contains("9.")
          .contains("out of use");
    }
  }

  @Test
  void restart_snapshotOfAnotherRuntime_isRefusedWithTheReason() throws Exception {
    SnapshotDescription snapshot = service.deployAndFreeze("older", Sample.afterFirst());
    service.restart(() -> changeManifest(snapshot.id(), "python3 3.", "python3 2."));
    try (EventStream events = new EventStream(service)) {
      assertThat(service.invoke("older", "{}").start()).isEqualTo(StartKind.COLD);
      assertThat(events.await(dev.rekindle.api.EventType.FAILURE, "older").message())
          .contains("python3 2.")
          .contains("out of use");
    }
  }

  /** Puts other words into a manifest, with a digest that fits: as another host would write it. */
  private static void changeManifest(String id, String from, String to) throws Exception {
    Path manifest = service.snapshotFiles(id, "manifest.json").get(0);
    String json = Files.readString(manifest);
    assertThat(json).contains(from);
    byte[] changed = json.replace(from, to).getBytes(StandardCharsets.UTF_8);
    Files.write(manifest, changed);
    String digest = Sha256.of(changed);
    Files.writeString(manifest.resolveSibling("manifest.sha256"), digest + "  manifest.json\n");
  }

  @Test
  void restart_damagedRecordOfOneFunction_leavesTheOthersInService() throws Exception {
    service.deploy("sound", Sample.cold());
    Path functions = service.dataDir().resolve("functions");
    List<String> damages =
        List.of(
            "",
            "null",
            "{}",
            "[",
            "\u0000\u0000",
            "{\"version\":1}",
            "{\"version\":1,\"settings\":{},\"codeBytes\":1,\"codeSha256\":\"0\"}");
    for (int i = 0; i < damages.size(); i++) {
      service.deploy("damaged-" + i, Sample.cold());
    }
    service.deploy("no-policy", Sample.cold());
    service.deploy("no-code", Sample.cold());
    service.restart(
        () -> {
          for (int i = 0; i < damages.size(); i++) {
            Files.writeString(functions.resolve("damaged-" + i + "/function.json"), damages.get(i));
          }
          Path record = functions.resolve("no-policy/function.json");
          Files.writeString(record, Files.readString(record).replace("\"cold\"", "\"bygone\""));
          FunctionStore.deleteTree(functions.resolve("no-code/1"));
          Files.writeString(functions.resolve("stray-file"), "stray");
        });
    assertThat(service.ask("sound", "{}").path("served").asInt()).isEqualTo(1);
    assertThat(service.client().functions())
        .extracting(FunctionDescription::name)
        .contains("sound")
        .noneMatch(name -> name.startsWith("damaged-"));
    // A damaged function can be deployed anew.
    service.deploy("damaged-0", Sample.cold());
    service.deploy("no-policy", Sample.cold());
    service.deploy("no-code", Sample.cold());
    for (String name : List.of("damaged-0", "no-policy", "no-code")) {
      assertThat(service.ask(name, "{}").path("served").asInt()).as(name).isEqualTo(1);
    }
  }

  @Test
  void restart_removesWhatBelongsToNoFunction() throws Exception {
    SnapshotDescription orphan = service.deployAndFreeze("orphan", Sample.afterFirst());
    service.deploy("stale", Sample.cold());
    Path functions = service.dataDir().resolve("functions");
    service.restart(
        () -> {
          FunctionStore.deleteTree(functions.resolve("orphan"));
          Files.createDirectories(functions.resolve("stale/2/code"));
          Files.copy(
              functions.resolve("stale/function.json"),
              functions.resolve("stale/function.json.new"),
              StandardCopyOption.REPLACE_EXISTING);
          Files.createDirectories(functions.resolve("unborn/1/code"));
        });
    Await.until(
        "the orphan's files are gone", () -> service.snapshotFiles(orphan.id(), "").isEmpty());
    assertThat(Files.exists(functions.resolve("unborn"))).isFalse();
    try (var kept = Files.list(functions.resolve("stale"))) {
      assertThat(kept.map(p -> p.getFileName().toString()))
          .containsExactlyInAnyOrder("1", "function.json");
    }
    assertThat(Json.mapper().readTree(functions.resolve("stale/function.json").toFile()))
        .isNotEmpty();
  }
}
