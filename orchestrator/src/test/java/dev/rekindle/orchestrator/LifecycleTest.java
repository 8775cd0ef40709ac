package dev.rekindle.orchestrator;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rekindle.api.AsyncInvocation;
import dev.rekindle.api.AsyncState;
import dev.rekindle.api.FunctionDescription;
import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.InstanceDescription;
import dev.rekindle.api.InstanceState;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.Problem;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.api.SnapshotState;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.client.ApiException;
import dev.rekindle.api.client.InvocationReply;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What happens to functions between their deployment and their removal. */
class LifecycleTest {
  private static TestService service;

  @BeforeAll
  static void start() throws Exception {
    service = TestService.start();
  }

  @AfterAll
  static void close() throws Exception {
    service.close();
  }

  private static String returning(String value) {
    return "def handler(event, context):\n    return '%s'".formatted(value);
  }

  @Test
  void deploy_again_servesTheNewVersionAndDropsTheOldOnesSnapshots() throws Exception {
    SnapshotDescription old = service.deployAndFreeze("again", Sample.afterFirst());
    service.invoke("again", "{}"); // an idle instance of the old version
    FunctionDescription second =
        service.client().deploy("again", Sample.afterFirst(), Sample.source(returning("two")));
    assertThat(second.version()).isEqualTo(2);
    assertThat(second.createdAt()).isBefore(second.updatedAt());
    InvocationReply reply = service.invoke("again", "{}");
    assertThat(reply.start()).isEqualTo(StartKind.COLD);
    assertThat(TestService.json(reply).asText()).isEqualTo("two");
    SnapshotDescription fresh = service.awaitSnapshot("again");
    assertThat(fresh.version()).isEqualTo(2);
    assertThat(service.client().function("again").snapshots()).containsExactly(fresh.id());
    Await.until(
        "the old snapshot's files are gone", () -> service.snapshotFiles(old.id(), "").isEmpty());
    Await.until(
        "the old version's code is gone",
        () -> !Files.exists(service.dataDir().resolve("functions/again/1")));
    assertThat(Files.exists(service.dataDir().resolve("functions/again/2"))).isTrue();
  }

  @Test
  void deploy_ofTheSameFilesInAnotherZip_keepsTheSnapshots() throws Exception {
    byte[] zip = Sample.zip("app.py");
    SnapshotDescription known = service.deployAndFreeze("packed", Sample.afterFirst(), zip);
    byte[] another = zip.clone();
    another[10] ^= 0x20; // the time of the first file, which nothing reads
    FunctionDescription second = service.client().deploy("packed", Sample.afterFirst(), another);
    assertThat(second.version()).isEqualTo(2);
    assertThat(second.snapshots()).containsExactly(known.id());
    InvocationReply reply = service.invoke("packed", "{}");
    assertThat(reply.start()).isEqualTo(StartKind.RESTORED);
    assertThat(reply.snapshot()).isEqualTo(known.id());
  }

  @Test
  void deploy_whileAnInvocationRuns_letsItFinish() throws Exception {
    service.deploy("busy", Sample.cold());
    CompletableFuture<InvocationReply> running = service.invokeAsync("busy", "{'do':'gate'}");
    String instance = service.awaitBusy("busy", 1).get(0);
    service.client().deploy("busy", Sample.cold(), Sample.source(returning("two")));
    assertThat(service.ask("busy", "{}").asText()).isEqualTo("two");
    service.openGate(instance);
    assertThat(TestService.json(running.get(60, TimeUnit.SECONDS)).path("served").asInt())
        .isEqualTo(1);
    Await.until(
        "the old version's code is gone",
        () -> !Files.exists(service.dataDir().resolve("functions/busy/1")));
  }

  @Test
  void deploy_whileTheOldVersionIsFrozen_leavesNoSnapshotOfIt() throws Exception {
    FunctionSettings settings = Sample.settings(f -> f.put("handler", "slow_to_freeze.handler"));
    byte[] zip = Sample.zip("slow_to_freeze.py");
    service.client().deploy("frozen", settings, zip);
    String instance = service.invoke("frozen", "{}").instance();
    Await.until(
        "the checkpoint has begun",
        () -> Files.exists(service.root(instance).orElseThrow().resolve("tmp/freezing")));
    String old = service.client().snapshots("frozen").get(0).id();
    assertThat(service.client().snapshot(old).state()).isEqualTo(SnapshotState.CREATING);
    service.client().deploy("frozen", Sample.cold(), Sample.source(returning("two")));
    service.openGate(instance);
    Await.until(
        "the old version is gone",
        () -> !Files.exists(service.dataDir().resolve("functions/frozen/1")));
    Await.until(
        "no snapshot of the old version is left",
        () ->
            service.client().snapshots("frozen").isEmpty()
                && service.snapshotFiles(old, "").isEmpty());
  }

  @Test
  void deleteSnapshot_inTheMaking_isRefusedAsAConflict() throws Exception {
    FunctionSettings settings = Sample.settings(f -> f.put("handler", "slow_to_freeze.handler"));
    service.client().deploy("making", settings, Sample.zip("slow_to_freeze.py"));
    String instance = service.invoke("making", "{}").instance();
    Await.until(
        "the checkpoint has begun",
        () -> Files.exists(service.root(instance).orElseThrow().resolve("tmp/freezing")));
    String id = service.client().snapshots("making").get(0).id();
    assertThatThrownBy(() -> service.client().deleteSnapshot(id))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.is(ProblemCode.CONFLICT)).as("%s", e).isTrue());
    service.openGate(instance);
    assertThat(service.awaitSnapshot("making").id()).isEqualTo(id);
    service.client().deleteSnapshot(id);
    assertThat(service.client().snapshots("making")).isEmpty();
  }

  @Test
  void delete_removesInstancesSnapshotsFilesAndMetrics() throws Exception {
    SnapshotDescription snapshot = service.deployAndFreeze("gone", Sample.afterFirst());
    CompletableFuture<InvocationReply> running = service.invokeAsync("gone", "{'do':'gate'}");
    String instance = service.awaitBusy("gone", 1).get(0);
    assertThat(metrics()).contains("function=\"gone\"");
    service.client().delete("gone");
    assertThatThrownBy(() -> service.client().function("gone"))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.is(ProblemCode.UNKNOWN_FUNCTION)).isTrue());
    assertThatThrownBy(() -> service.client().snapshot(snapshot.id()))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.is(ProblemCode.UNKNOWN_SNAPSHOT)).isTrue());
    assertThat(Files.exists(service.dataDir().resolve("functions/gone"))).isFalse();
    assertThat(service.snapshotFiles(snapshot.id(), "")).isEmpty();
    assertThat(service.root(instance)).isEmpty();
    // Whoever waited for the running one is told; nobody is left hanging.
    assertThat(running.handle((reply, e) -> "told").get(60, TimeUnit.SECONDS)).isEqualTo("told");
    Await.until("its metrics are gone", () -> !metrics().contains("function=\"gone\""));
  }

  private static String metrics() throws Exception {
    return new String(
        service.http().get("/metrics").body(), java.nio.charset.StandardCharsets.UTF_8);
  }

  @Test
  void evict_afterIdleSeconds_happensByItself() throws Exception {
    service.deploy(
        "idle",
        Sample.settings(
            f -> {
              f.put("idleSeconds", 1);
              f.put("policy", new PolicyChoice("cold", Map.of()));
            }));
    String instance = service.invoke("idle", "{}").instance();
    assertThat(service.client().instances("idle"))
        .singleElement()
        .satisfies(
            i -> {
              assertThat(i.id()).isEqualTo(instance);
              assertThat(i.state()).isEqualTo(InstanceState.IDLE);
              assertThat(i.start()).isEqualTo(StartKind.COLD);
              assertThat(i.requestsServed()).isEqualTo(1);
              assertThat(i.privateBytes()).isGreaterThan(1_000_000);
              assertThat(i.sharedBytes()).isPositive();
            });
    Await.until("the idle instance is evicted", () -> service.client().instances("idle").isEmpty());
    Await.until("its directory is gone", () -> service.root(instance).isEmpty());
    assertThat(service.invoke("idle", "{}").start()).isEqualTo(StartKind.COLD);
  }

  @Test
  void evict_leavesBusyInstancesAlone() throws Exception {
    service.deploy("evicted", Sample.cold());
    CompletableFuture<InvocationReply> running = service.invokeAsync("evicted", "{'do':'gate'}");
    String busy = service.awaitBusy("evicted", 1).get(0);
    String idle = service.invoke("evicted", "{}").instance();
    Await.until("one is idle", () -> service.client().function("evicted").instances().idle() == 1);
    assertThat(service.client().evict("evicted")).isEqualTo(1);
    assertThat(service.client().instances("evicted"))
        .extracting(InstanceDescription::id)
        .containsExactly(busy)
        .doesNotContain(idle);
    service.openGate(busy);
    assertThat(running.get(60, TimeUnit.SECONDS).functionError()).isNull();
  }

  @Test
  void logs_holdBothStreamsOfAllInstances() throws Exception {
    service
        .client()
        .deploy(
            "logs",
            Sample.afterFirst(),
            Sample.source(
                """
                import sys
                print("loaded")
                def handler(event, context):
                    print("out", event["n"])
                    print("err", event["n"], file=sys.stderr)
                """));
    service.invoke("logs", "{'n':1}");
    service.awaitSnapshot("logs");
    service.evictAll("logs");
    assertThat(service.invoke("logs", "{'n':2}").start()).isEqualTo(StartKind.RESTORED);
    String log =
        Await.value(
            "all lines",
            () -> service.client().logs("logs", 100),
            l -> l.contains("out 2\n") && l.contains("err 2\n"));
    assertThat(log.lines()).containsOnlyOnce("loaded").contains("out 1", "err 1");
    assertThat(service.client().logs("logs", 1).lines()).hasSize(1);
  }

  @Test
  void policy_changedToCold_takesEffectAtOnceAndKeepsVersionAndSnapshots() throws Exception {
    SnapshotDescription snapshot = service.deployAndFreeze("tuned", Sample.afterFirst());
    assertThat(service.client().policy("tuned").name()).isEqualTo("after-first");
    PolicyChoice cold = new PolicyChoice("cold", Map.of());
    assertThat(service.client().putPolicy("tuned", cold)).isEqualTo(cold);
    assertThat(service.client().policy("tuned")).isEqualTo(cold);
    assertThat(service.invoke("tuned", "{}").start()).isEqualTo(StartKind.COLD);
    FunctionDescription now = service.client().function("tuned");
    assertThat(now.version()).isEqualTo(1);
    assertThat(now.settings().policy()).isEqualTo(cold);
    assertThat(now.snapshots()).containsExactly(snapshot.id());
    service.evictAll("tuned");
    service.client().putPolicy("tuned", new PolicyChoice("after-first", Map.of()));
    assertThat(service.invoke("tuned", "{}").start()).isEqualTo(StartKind.RESTORED);
  }

  @Test
  void policies_listsWhatThereIs() {
    assertThat(service.client().policies())
        .extracting(dev.rekindle.api.PolicyDescription::name)
        .contains("after-first", "after-init", "cold", "fixed", "keep-alive", "on-evict");
  }

  @Test
  void submit_isQueuedThenRunsThenIsDone() throws Exception {
    service.deploy("async", Sample.settings(f -> f.put("maxInstances", 1)));
    AsyncInvocation first = service.client().submit("async", Sample.event("{'do':'gate','n':1}"));
    String instance = service.awaitBusy("async", 1).get(0);
    AsyncInvocation second = service.client().submit("async", Sample.event("{'do':'fail'}"));
    assertThat(state(first)).isEqualTo(AsyncState.RUNNING);
    assertThat(state(second)).isEqualTo(AsyncState.QUEUED);
    assertThat(service.client().invocation(second.id()).finishedAt()).isNull();
    service.openGate(instance);
    Await.until("both are over", () -> state(second) == AsyncState.DONE);
    AsyncInvocation one = service.client().invocation(first.id());
    assertThat(one.state()).isEqualTo(AsyncState.DONE);
    assertThat(one.status()).isEqualTo(200);
    assertThat(one.functionError()).isNull();
    assertThat(one.start()).isEqualTo(StartKind.COLD);
    assertThat(one.instance()).isEqualTo(instance);
    assertThat(requireNonNull(one.result()).path("echo").path("n").asInt()).isEqualTo(1);
    assertThat(one.finishedAt()).isAfterOrEqualTo(one.acceptedAt());
    AsyncInvocation two = service.client().invocation(second.id());
    assertThat(two.functionError()).isEqualTo("Unhandled");
    assertThat(requireNonNull(two.result()).path("errorType").asText()).isEqualTo("ValueError");
  }

  private static AsyncState state(AsyncInvocation invocation) {
    return service.client().invocation(invocation.id()).state();
  }

  @Test
  void submit_functionIsRemovedMeanwhile_isTold() throws Exception {
    service.deploy("removed", Sample.settings(f -> f.put("maxInstances", 1)));
    service.client().submit("removed", Sample.event("{'do':'gate'}"));
    service.awaitBusy("removed", 1);
    AsyncInvocation waiting = service.client().submit("removed", Sample.event("{}"));
    service.client().delete("removed");
    Await.until("it has failed", () -> state(waiting) == AsyncState.FAILED);
    Problem problem = requireNonNull(service.client().invocation(waiting.id()).problem());
    assertThat(List.of(problem.code(), problem.requestId()))
        .isEqualTo(List.of("unknown-function", waiting.id()));
  }

  @Test
  void environment_reachesTheFunction() throws Exception {
    service.deploy("env", Sample.settings(f -> f.put("environment", Map.of("COLOUR", "grün"))));
    var seen = service.ask("env", "{'do':'environment'}");
    assertThat(seen.path("COLOUR").asText()).isEqualTo("grün");
    assertThat(seen.path("AWS_LAMBDA_FUNCTION_NAME").asText()).isEqualTo("env");
    assertThat(seen.path("AWS_LAMBDA_FUNCTION_VERSION").asText()).isEqualTo("1");
    assertThat(seen.path("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").asText()).isEqualTo("256");
    assertThat(seen.path("LAMBDA_TASK_ROOT").asText()).isEqualTo("/var/task");
    assertThat(seen.has("REKINDLE_CRIU")).isFalse();
  }
}
