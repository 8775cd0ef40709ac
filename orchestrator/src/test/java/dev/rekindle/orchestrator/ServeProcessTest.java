package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.api.FunctionDescription;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.SnapshotState;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.client.InvocationReply;
import dev.rekindle.api.client.RekindleClient;
import dev.rekindle.orchestrator.function.FunctionStore;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The service as a process: how it starts, how it ends, and how it is followed by another. */
class ServeProcessTest {
  private Path dataDir;
  private Leftovers leftovers;

  @BeforeEach
  void prepare() {
    dataDir = Leftovers.TEMPORARY.resolve("serve-" + Long.toString(System.nanoTime(), 36));
    leftovers = new Leftovers(dataDir);
  }

  @AfterEach
  void assertNothingIsLeft() throws Exception {
    FunctionStore.deleteTree(dataDir);
    leftovers.assertNone();
  }

  private ServeProcess serve() throws Exception {
    return ServeProcess.start("--port", "0", "--data-dir", dataDir.toString());
  }

  @Test
  void sigkill_thenServeAgain_knowsWhatItsPoliciesLearnt() throws Exception {
    Path kept = dataDir.resolve("functions/learner/policy-state.json.gz");
    try (ServeProcess killed = serve()) {
      RekindleClient client = new RekindleClient(killed.awaitReady());
      client.deploy(
          "learner",
          Sample.settings(f -> f.put("policy", new PolicyChoice("adaptive", Map.of()))),
          Sample.zip("app.py"));
      client.invoke("learner", Sample.event("{}"));
      Await.until("what it learnt is on the disk", () -> Files.exists(kept));
      killed.kill();
      killed.awaitExit();
    }
    Await.value("no process is left", leftovers::processes, List::isEmpty);
    try (ServeProcess next = serve()) {
      RekindleClient client = new RekindleClient(next.awaitReady());
      assertThat(client.beliefs("learner").curve()).hasSize(1);
      next.terminate();
      assertThat(next.awaitExit()).as(next.errors()).isZero();
    }
  }

  private void openGate(String instance) throws Exception {
    InstanceFiles.openGate(dataDir, instance);
  }

  private static String awaitBusy(RekindleClient client, String name) throws Exception {
    return Await.value(
            "a busy instance",
            () -> client.instances(name),
            all -> all.size() == 1 && all.get(0).state() == dev.rekindle.api.InstanceState.BUSY)
        .get(0)
        .id();
  }

  @Test
  void sigterm_invocationRuns_finishesItAndExitsWithZero() throws Exception {
    try (ServeProcess serve = serve()) {
      URI url = serve.awaitReady();
      assertThat(url.getHost()).isEqualTo("127.0.0.1");
      RekindleClient client = new RekindleClient(url);
      client.deploy("running", Sample.cold(), Sample.zip("app.py"));
      client.invoke("running", Sample.event("{}")); // one idle instance
      CompletableFuture<InvocationReply> running =
          client.invokeAsync("running", Sample.event("{'do':'gate'}"));
      String instance = awaitBusy(client, "running");
      serve.terminate();
      Await.until("it takes no more", () -> !client.ready().ready());
      openGate(instance);
      InvocationReply reply = running.get(60, TimeUnit.SECONDS);
      assertThat(reply.functionError()).isNull();
      assertThat(TestService.json(reply).path("served").asInt()).isEqualTo(2);
      assertThat(serve.awaitExit()).as(serve.errors()).isZero();
      assertThat(leftovers.processes()).isEmpty();
    }
  }

  @Test
  void sigterm_invocationHangs_isCutOffAtTheLimit() throws Exception {
    Path config = Files.writeString(Path.of(dataDir + ".json"), "{\"shutdownTimeoutMs\":300}");
    try (ServeProcess serve =
        ServeProcess.start(
            "--port", "0", "--data-dir", dataDir.toString(), "--config", config.toString())) {
      RekindleClient client = new RekindleClient(serve.awaitReady());
      client.deploy("hung", Sample.cold(), Sample.zip("app.py"));
      CompletableFuture<InvocationReply> running =
          client.invokeAsync("hung", Sample.event("{'do':'hang'}"));
      awaitBusy(client, "hung");
      serve.terminate();
      assertThat(serve.awaitExit()).as(serve.errors()).isZero();
      assertThat(running.handle((reply, e) -> "told").get(60, TimeUnit.SECONDS)).isEqualTo("told");
      assertThat(leftovers.processes()).isEmpty();
    } finally {
      Files.delete(config);
    }
  }

  @Test
  void sigkill_thenServeAgain_worksOnAndClearsUp() throws Exception {
    String snapshot;
    try (ServeProcess killed = serve()) {
      RekindleClient client = new RekindleClient(killed.awaitReady());
      client.deploy("kept", Sample.afterFirst(), Sample.zip("app.py"));
      client.invoke("kept", Sample.event("{}"));
      snapshot =
          Await.value(
                  "a snapshot",
                  () -> client.snapshots("kept"),
                  all -> all.size() == 1 && all.get(0).state() == SnapshotState.READY)
              .get(0)
              .id();
      client.invokeAsync("kept", Sample.event("{'do':'hang'}"));
      client.deploy("half", Sample.cold(), Sample.zip("app.py"));
      assertThat(leftovers.processes()).isNotEmpty();
      killed.kill();
      killed.awaitExit();
    }
    // The sandboxes go with their service, without anybody's help.
    Await.value("no process is left", leftovers::processes, List::isEmpty);
    Files.createDirectories(dataDir.resolve("functions/torn/1/code"));

    try (ServeProcess next = serve()) {
      RekindleClient client = new RekindleClient(next.awaitReady());
      assertThat(client.functions())
          .extracting(FunctionDescription::name)
          .containsExactly("half", "kept");
      assertThat(Files.exists(dataDir.resolve("functions/torn"))).isFalse();
      InvocationReply hot = client.invoke("kept", Sample.event("{}"));
      assertThat(hot.start()).isEqualTo(StartKind.RESTORED);
      assertThat(hot.snapshot()).isEqualTo(snapshot);
      assertThat(client.invoke("half", Sample.event("{}")).start()).isEqualTo(StartKind.COLD);
      next.terminate();
      assertThat(next.awaitExit()).as(next.errors()).isZero();
    }
  }

  @Test
  void serve_portInUse_saysSoAndExitsWithOne() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress());
        ServeProcess serve =
            ServeProcess.start(
                "--port", "" + taken.getLocalPort(), "--data-dir", dataDir.toString())) {
      assertThat(serve.awaitExit()).isEqualTo(1);
      assertThat(lastLine(serve))
          .contains("port " + taken.getLocalPort())
          .contains("in use")
          .contains("--port");
    }
  }

  @Test
  void serve_dataDirInUse_saysSoAndExitsWithOne() throws Exception {
    try (ServeProcess first = serve()) {
      first.awaitReady();
      try (ServeProcess second = serve()) {
        assertThat(second.awaitExit()).isEqualTo(1);
        assertThat(lastLine(second)).contains(dataDir.toString()).contains("in use");
      }
      // The first one is none the worse for it.
      RekindleClient client = new RekindleClient(first.awaitReady());
      client.deploy("fine", Sample.cold(), Sample.zip("app.py"));
      assertThat(client.invoke("fine", Sample.event("{}")).functionError()).isNull();
      first.terminate();
      assertThat(first.awaitExit()).isZero();
    }
  }

  @Test
  void serve_dataDirCannotBeUsed_saysSoAndExitsWithOne() throws Exception {
    Path file = Files.writeString(Path.of(dataDir + ".file"), "no directory");
    try (SmallDisk readOnly = SmallDisk.mount("size=1m,ro");
        SmallDisk full = SmallDisk.mount("size=4k,nr_inodes=3")) {
      for (Path unusable :
          List.of(file, file.resolve("below"), readOnly.directory(), full.directory())) {
        try (ServeProcess serve =
            ServeProcess.start("--port", "0", "--data-dir", unusable.toString())) {
          assertThat(serve.awaitExit()).as(serve.errors()).isEqualTo(1);
          assertThat(lastLine(serve)).contains("data directory", unusable.toString());
        }
      }
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void serve_configurationIsWrong_saysWhichFieldAndExitsWithOne() throws Exception {
    for (String json : List.of("{\"prot\":1}", "{\"queueLimit\":-1}", "{", "[]")) {
      Path config = Files.writeString(Path.of(dataDir + ".json"), json);
      try (ServeProcess serve = ServeProcess.start("--config", config.toString())) {
        assertThat(serve.awaitExit()).as(json).isEqualTo(1);
        assertThat(lastLine(serve)).as(json).startsWith("rekindle serve: ");
      } finally {
        Files.delete(config);
      }
    }
  }

  private static String lastLine(ServeProcess serve) {
    return serve.errors().lines().reduce((first, second) -> second).orElse("");
  }
}
