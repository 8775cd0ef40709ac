package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.EventType;
import dev.rekindle.api.RestoreMode;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.client.InvocationReply;
import dev.rekindle.orchestrator.function.FunctionStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two services that share snapshots, and nothing else. */
class TwoNodesTest {
  private static final String HEAP =
      """
      import os
      TABLE = {i: str(i) * 8 for i in range(200000)}
      BOOTED = os.urandom(8).hex()
      def handler(event, context):
          n = event.get("n", 0)
          return {"value": TABLE[n], "sum": sum(len(v) for v in TABLE.values()) if event.get("all") else 0,
                  "booted": BOOTED, "version": context.function_version,
                  "env": os.environ["AWS_LAMBDA_FUNCTION_VERSION"]}
      """;

  /** One zip, since two of the same files differ in their times. */
  private static final byte[] ZIP = Sample.source(HEAP);

  private Path shared;
  private TestService a;
  private TestService b;

  @BeforeEach
  void start() throws Exception {
    shared = Files.createTempDirectory(Leftovers.TEMPORARY, "shared");
    a = TestService.start(config(Map.of()));
    b = TestService.start(config(Map.of("lookSeconds", 1)));
  }

  @AfterEach
  void close() {
    TestService.closeAll(b, a);
    FunctionStore.deleteTree(shared);
  }

  private Map<String, Object> config(Map<String, Object> changes) {
    Map<String, Object> tiers = new LinkedHashMap<>(Map.of("sharedDirectory", shared.toString()));
    tiers.putAll(changes);
    return Map.of("tiers", tiers);
  }

  private SnapshotDescription freezeOnA(String name) throws Exception {
    try (EventStream events = new EventStream(a)) {
      var unused = a.client().deploy(name, Sample.afterFirst(), ZIP);
      a.invoke(name, "{'n':1}");
      SnapshotDescription snapshot = a.awaitSnapshot(name);
      events.await(EventType.UPLOAD, name);
      Await.until(
          "the working set is shared", () -> !blobs(snapshot.id() + "/working-set").isEmpty());
      return snapshot;
    }
  }

  private List<Path> blobs(String part) throws Exception {
    try (var tree = Files.walk(shared)) {
      return tree.filter(path -> Files.isRegularFile(path) && path.toString().contains(part))
          .toList();
    }
  }

  @Test
  void invoke_snapshotMadeElsewhere_isRestoredLazilyThenMapped() throws Exception {
    SnapshotDescription snapshot = freezeOnA("heap");
    String booted = a.ask("heap", "{}").path("booted").asText();

    try (EventStream events = new EventStream(b)) {
      // The second version here is the first one there: numbers are each node's own.
      b.deploy("heap", Sample.cold());
      var unused = b.client().deploy("heap", Sample.afterFirst(), ZIP);
      InvocationReply hot = b.invoke("heap", "{'n':77}");

      assertThat(hot.start()).isEqualTo(StartKind.RESTORED);
      assertThat(hot.snapshot()).isEqualTo(snapshot.id());
      assertThat(hot.restoreMode()).isEqualTo(RestoreMode.LAZY);
      JsonNode said = TestService.json(hot);
      assertThat(said.path("value").asText()).isEqualTo("77".repeat(8));
      assertThat(said.path("booted").asText()).isEqualTo(booted);
      assertThat(said.path("version").asText()).isEqualTo("2");
      assertThat(said.path("env").asText()).isEqualTo("2");
      assertThat(b.ask("heap", "{'all':true}").path("sum").asInt()).isEqualTo(8 * 1_088_890);

      events.await(EventType.FETCH, "heap");
    }
    b.evictAll("heap");
    InvocationReply mapped = b.invoke("heap", "{'n':99}");
    assertThat(mapped.start()).isEqualTo(StartKind.RESTORED);
    assertThat(mapped.restoreMode()).isEqualTo(RestoreMode.MAPPED);
    assertThat(TestService.json(mapped).path("value").asText()).isEqualTo("99".repeat(8));
  }

  @Test
  void invoke_madeElsewhereAfterTheDeployment_isFoundInTime() throws Exception {
    var unused = b.client().deploy("late", Sample.afterFirst(), ZIP);
    SnapshotDescription snapshot = freezeOnA("late");
    Await.until("b has found it", () -> !b.client().snapshots("late").isEmpty());

    assertThat(b.invoke("late", "{}").snapshot()).isEqualTo(snapshot.id());
    assertThat(b.client().snapshot(snapshot.id()).function()).isEqualTo("late");
  }

  @Test
  void look_functionInUse_bringsTheSnapshotBeforeItIsNeeded() throws Exception {
    var unused = b.client().deploy("busy", Sample.cold(), ZIP);
    b.invoke("busy", "{}"); // its instance stays
    SnapshotDescription snapshot = freezeOnA("busy");
    Await.until(
        "b has fetched it",
        () ->
            b.client().snapshots("busy").stream()
                .anyMatch(s -> s.id().equals(snapshot.id()) && s.storage().local()));
    b.evictAll("busy");
    b.client().putPolicy("busy", Sample.afterFirst().policy());
    InvocationReply hot = b.invoke("busy", "{'n':5}");
    assertThat(hot.snapshot()).isEqualTo(snapshot.id());
    assertThat(hot.restoreMode()).isEqualTo(RestoreMode.MAPPED);
  }

  @Test
  void invoke_otherCode_startsCold() throws Exception {
    freezeOnA("code");
    var unused =
        b.client().deploy("code", Sample.afterFirst(), Sample.source(HEAP + "\n# changed\n"));
    assertThat(b.invoke("code", "{}").start()).isEqualTo(StartKind.COLD);
  }

  @Test
  void invoke_packsGone_startsColdAndTakesTheSnapshotOutOfUse() throws Exception {
    SnapshotDescription snapshot = freezeOnA("gone");
    for (Path pack : blobs("/packs/")) {
      Files.delete(pack);
    }
    try (EventStream events = new EventStream(b)) {
      var unused = b.client().deploy("gone", Sample.afterFirst(), ZIP);
      InvocationReply reply = b.invoke("gone", "{'n':5}");

      assertThat(reply.start()).isEqualTo(StartKind.COLD);
      assertThat(TestService.json(reply).path("value").asText()).isEqualTo("5".repeat(8));
      assertThat(events.await(EventType.FAILURE, "gone").message())
          .contains(snapshot.id())
          .contains("pack");
    }
  }

  @Test
  void restart_functionStillDeployed_findsItsSnapshotsAgain() throws Exception {
    SnapshotDescription snapshot = freezeOnA("again");
    var unused = b.client().deploy("again", Sample.afterFirst(), ZIP);
    b.invoke("again", "{}");
    b.restart();
    Await.until("b has found it", () -> !b.client().snapshots("again").isEmpty());
    assertThat(b.invoke("again", "{}").snapshot()).isEqualTo(snapshot.id());
  }

  @Test
  void delete_function_removesItsSnapshotsFromTheSharedStore() throws Exception {
    SnapshotDescription snapshot = freezeOnA("removed");
    assertThat(blobs(snapshot.id())).isNotEmpty();
    a.client().delete("removed");
    Await.until("it is gone", () -> blobs(snapshot.id()).isEmpty());
  }
}
