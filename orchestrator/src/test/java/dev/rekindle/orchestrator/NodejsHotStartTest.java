package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.RestoreMode;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.client.InvocationReply;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Functions on Node.js through the whole service: cold, frozen, restored, cloned. */
class NodejsHotStartTest {
  private static final int CLONES = 100;

  /** What the function's draw() draws from. */
  private static final int SOURCES = 12;

  private static TestService service;

  @BeforeAll
  static void start() throws Exception {
    service = TestService.start(Map.of("maxInstances", CLONES + 20));
  }

  @AfterAll
  static void close() throws Exception {
    service.close();
  }

  private static FunctionSettings settings(Consumer<Map<String, Object>> change) {
    return Sample.settings(
        f -> {
          f.put("runtime", "nodejs");
          change.accept(f);
        });
  }

  /** Deploys, invokes and freezes; the instance lives on. */
  private static SnapshotDescription frozen(String name, FunctionSettings how) throws Exception {
    var unused = service.client().deploy(name, how, Sample.zip("app.mjs"));
    InvocationReply cold = service.invoke(name, "{}");
    assertThat(cold.start()).isEqualTo(StartKind.COLD);
    assertThat(cold.failure()).isEmpty();
    return service.awaitSnapshot(name);
  }

  private static JsonNode restored(String name, String event) throws Exception {
    service.evictAll(name);
    InvocationReply reply = service.invoke(name, event);
    assertThat(reply.failure()).isEmpty();
    assertThat(reply.start()).isEqualTo(StartKind.RESTORED);
    return TestService.json(reply);
  }

  @ParameterizedTest
  @EnumSource(value = RestoreMode.class, mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void invoke_inEachRestoreMode_answersAsBeforeTheFreeze(RestoreMode mode) throws Exception {
    String name = "node-" + mode.wire();
    frozen(name, settings(f -> f.put("restoreMode", mode.wire())));
    // What was frozen serves on.
    InvocationReply warm = service.invoke(name, "{'do':'digest'}");
    assertThat(warm.start()).isEqualTo(StartKind.WARM);
    String digest = TestService.json(warm).path("digest").asText();
    assertThat(digest).hasSize(64);
    for (int i = 0; i < 3; i++) {
      JsonNode said = restored(name, "{'do':'digest'}");
      assertThat(said.path("digest").asText()).isEqualTo(digest);
      assertThat(said.path("served").asInt()).isEqualTo(2);
      assertThat(service.client().instances(name))
          .singleElement()
          .satisfies(instance -> assertThat(instance.restoreMode()).isEqualTo(mode));
      JsonNode churned = service.ask(name, "{'do':'churn','rounds':10}");
      assertThat(churned.path("digest").asText()).isEqualTo(digest);
    }
    assertThat(service.client().function(name).failures().restore()).isZero();
  }

  @ParameterizedTest
  @EnumSource(value = RestoreMode.class, mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void invoke_withThingsOpen_findsThemOfUseAfterTheFreeze(RestoreMode mode) throws Exception {
    String name = "node-open-" + mode.wire();
    FunctionSettings how =
        settings(
            f -> {
              f.put("handler", "open.handler");
              f.put("restoreMode", mode.wire());
            });
    var unused = service.client().deploy(name, how, Sample.zip("open.js"));
    JsonNode cold = service.ask(name, "{'text':'hello'}");
    assertThat(cold.toString())
        .isEqualTo(
            "{'file':'kept ','child':'hello','worker':'hello from a thread','web':'web /hello',"
                .concat("'unix':'hello','timer':'ticks'}")
                .replace('\'', '"'));
    service.awaitSnapshot(name);
    assertThat(service.ask(name, "{'text':'hello'}")).isEqualTo(cold);
    for (int i = 0; i < 2; i++) {
      assertThat(restored(name, "{'text':'hello'}")).isEqualTo(cold);
      assertThat(service.ask(name, "{'text':'hello'}")).isEqualTo(cold);
    }
  }

  @Test
  void invoke_hundredClones_drawNothingTwice() throws Exception {
    SnapshotDescription snapshot =
        frozen(
            "node-clones",
            settings(
                f -> {
                  f.put("maxInstances", CLONES);
                  f.put("memoryMb", 128);
                }));
    service.evictAll("node-clones");
    List<CompletableFuture<InvocationReply>> replies = new ArrayList<>();
    for (int i = 0; i < CLONES; i++) {
      replies.add(service.invokeAsync("node-clones", "{'do':'drawAtTheGate'}"));
    }
    for (String instance : service.awaitBusy("node-clones", CLONES)) {
      service.openGate(instance);
    }
    Map<String, Set<String>> seen = new TreeMap<>();
    for (CompletableFuture<InvocationReply> waiting : replies) {
      InvocationReply reply = waiting.get(60, TimeUnit.SECONDS);
      assertThat(reply.start()).isEqualTo(StartKind.RESTORED);
      assertThat(reply.snapshot()).isEqualTo(snapshot.id());
      TestService.json(reply)
          .properties()
          .forEach(
              drawn ->
                  seen.computeIfAbsent(drawn.getKey(), key -> new HashSet<>())
                      .add(drawn.getValue().asText()));
    }
    assertThat(seen).hasSize(SOURCES);
    assertThat(seen).allSatisfy((source, values) -> assertThat(values).as(source).hasSize(CLONES));
    service.evictAll("node-clones");
  }

  @Test
  void clocks_afterAFreeze_areRight() throws Exception {
    FunctionSettings how = settings(f -> f.put("timeoutMs", 20_000));
    var unused = service.client().deploy("node-clocks", how, Sample.zip("app.mjs"));
    double beforeTheFreeze =
        service.ask("node-clocks", "{'do':'clocks'}").path("monotonic").asDouble();
    service.awaitSnapshot("node-clocks");
    service.evictAll("node-clocks");
    Thread.sleep(1_500); // frozen for so long that a clock that stood still shows
    long before = System.currentTimeMillis();
    JsonNode clocks = restored("node-clocks", "{'do':'clocks'}");
    long after = System.currentTimeMillis();
    assertThat(clocks.path("now").asLong()).isBetween(before, after);
    assertThat(clocks.path("timeOfDay").asDouble()).isBetween(before - 20.0, after + 20.0);
    assertThat(clocks.path("monotonic").asDouble()).isGreaterThan(beforeTheFreeze);
    assertThat(clocks.path("remainingMs").asLong()).isBetween(1L, 20_000L);
    double next = service.ask("node-clocks", "{'do':'clocks'}").path("monotonic").asDouble();
    assertThat(next).isGreaterThan(clocks.path("monotonic").asDouble());
  }

  @Test
  void timers_dueDuringTheFreeze_ringOnceInEachCloneAfterItsRenewal() throws Exception {
    frozen("node-timers", settings(f -> {}));
    Set<Double> rang = new HashSet<>();
    for (int i = 0; i < 3; i++) {
      JsonNode said = restored("node-timers", "{'do':'timers'}");
      assertThat(said.path("hooks")).map(JsonNode::asText).containsExactly("before", "after");
      assertThat(said.path("rang")).hasSize(1);
      rang.add(said.path("rang").get(0).asDouble());
    }
    assertThat(rang).as("drawn after the renewal").hasSize(3);
  }

  @Test
  void checkpoint_ofAClone_makesClonesThatAreNoTwins() throws Exception {
    frozen("node-again", settings(f -> {}));
    restored("node-again", "{}");
    SnapshotDescription second = service.client().checkpoint("node-again");
    assertThat(second.request()).isEqualTo(2);
    assertThat(service.ask("node-again", "{'do':'digest'}").path("served").asInt()).isEqualTo(3);
    service
        .client()
        .snapshots("node-again")
        .forEach(
            snapshot -> {
              if (!snapshot.id().equals(second.id())) {
                service.client().deleteSnapshot(snapshot.id());
              }
            });
    Set<String> drawn = new HashSet<>();
    for (int i = 0; i < 3; i++) {
      JsonNode said = restored("node-again", "{'do':'draw'}");
      said.forEach(value -> drawn.add(value.asText()));
    }
    assertThat(drawn).hasSize(3 * SOURCES);
    assertThat(restored("node-again", "{}").path("served").asInt()).isEqualTo(3);
  }

  @Test
  void invoke_uncaughtException_isReportedAndTheNextEventIsServed() throws Exception {
    frozen("node-throws", settings(f -> {}));
    for (int i = 0; i < 3; i++) {
      InvocationReply failed = service.invoke("node-throws", "{'do':'throwLater'}");
      assertThat(failed.failure().orElseThrow().errorType()).isEqualTo("RangeError");
      InvocationReply next = service.invoke("node-throws", "{}");
      assertThat(next.failure()).isEmpty();
      assertThat(next.instance()).isNotEqualTo(failed.instance());
    }
  }
}
