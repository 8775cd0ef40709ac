package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.api.EventType;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.client.InvocationReply;
import dev.rekindle.orchestrator.cli.StoreCommand;
import dev.rekindle.orchestrator.function.FunctionStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The shared store is away, or has lost something, and functions are served all the same. */
class StoreAwayTest {
  private static final byte[] ZIP = Sample.zip("app.py");

  private Path shared;
  private Path aside;
  private TestService a;
  private TestService b;

  @BeforeEach
  void start() throws Exception {
    Path parent = Files.createTempDirectory(Leftovers.TEMPORARY, "store");
    shared = Files.createDirectory(parent.resolve("shared"));
    aside = parent.resolve("aside");
    Map<String, Object> tiers = Map.of("sharedDirectory", shared.toString(), "lookSeconds", 1);
    a = TestService.start(Map.of("tiers", tiers));
    b = TestService.start(Map.of("tiers", tiers));
  }

  @AfterEach
  void close() {
    TestService.closeAll(b, a);
    FunctionStore.deleteTree(shared.getParent());
  }

  private void deploy(TestService service, String name) {
    var unused = service.client().deploy(name, Sample.afterFirst(), ZIP);
  }

  /** What is under the store's directory is gone, and can be brought back. */
  private void away() throws Exception {
    Files.move(shared.resolve("blobs"), aside);
    Files.createFile(shared.resolve("blobs")); // no directory: every call fails
  }

  private void back() throws Exception {
    Files.delete(shared.resolve("blobs"));
    Files.move(aside, shared.resolve("blobs"));
  }

  @Test
  void checkpoint_storeAway_waitsHereAndIsUploadedLater() throws Exception {
    try (EventStream events = new EventStream(a)) {
      away();
      deploy(a, "waits");
      a.invoke("waits", "{}");
      SnapshotDescription snapshot = a.awaitSnapshot("waits");
      assertThat(events.await(EventType.FAILURE, "waits").message()).contains("waits on this node");
      assertThat(a.client().snapshot(snapshot.id()).storage().uploadWaiting()).isTrue();
      a.evictAll("waits");
      assertThat(a.invoke("waits", "{}").start()).isEqualTo(StartKind.RESTORED);

      back();
      events.await(EventType.UPLOAD, "waits");
      Await.until("it is shared", () -> a.client().snapshot(snapshot.id()).storage().shared());
      assertThat(a.client().snapshot(snapshot.id()).storage().uploadedBytes()).isPositive();
    }
  }

  @Test
  void invoke_storeAway_localTierServesAndOtherNodesStartCold() throws Exception {
    deploy(a, "away");
    a.invoke("away", "{}");
    SnapshotDescription snapshot = a.awaitSnapshot("away");
    Await.until("it is shared", () -> a.client().snapshot(snapshot.id()).storage().shared());
    deploy(b, "away");
    Await.until("b knows of it", () -> !b.client().snapshots("away").isEmpty());
    away();

    InvocationReply cold = b.invoke("away", "{}");
    assertThat(cold.start()).isEqualTo(StartKind.COLD);
    assertThat(cold.functionError()).isNull();
    a.evictAll("away");
    assertThat(a.invoke("away", "{}").start()).isEqualTo(StartKind.RESTORED);
    back();
  }

  @Test
  void storeVerbs_soundAndDamagedStore_tellWhichIsWhich() throws Exception {
    deploy(a, "verbs");
    a.invoke("verbs", "{}");
    SnapshotDescription snapshot = a.awaitSnapshot("verbs");
    Await.until("it is shared", () -> a.client().snapshot(snapshot.id()).storage().shared());
    Path config = shared.resolveSibling("config.json");
    Files.writeString(config, "{\"tiers\":{\"sharedDirectory\":\"" + shared + "\"}}");
    String[] check = {"check", "--config", config.toString()};

    assertThat(new CommandLine(new StoreCommand()).execute(check)).isZero();
    assertThat(
            new CommandLine(new StoreCommand())
                .execute("gc", "--dry-run", "--config", config.toString()))
        .isZero();
    try (var packs = Files.walk(shared.resolve("blobs/packs"))) {
      for (Path pack : packs.filter(Files::isRegularFile).toList()) {
        byte[] bytes = Files.readAllBytes(pack);
        bytes[bytes.length / 2] ^= 1;
        Files.write(pack, bytes);
      }
    }
    assertThat(new CommandLine(new StoreCommand()).execute(check)).isEqualTo(1);
    Files.writeString(config, "{\"tiers\":{\"sharedDirectory\":\"/proc/none\"}}");
    assertThat(new CommandLine(new StoreCommand()).execute(check)).isEqualTo(2);
  }
}
