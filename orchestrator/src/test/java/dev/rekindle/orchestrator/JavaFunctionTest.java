package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.RestoreMode;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.client.InvocationReply;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Java functions from a zip to their clones, over HTTP, on the real CRIU. */
class JavaFunctionTest {
  private static final int CLONES = 100;
  private static final int AT_ONCE = 10;

  private static TestService service;
  private static byte[] code;

  @BeforeAll
  static void start() throws Exception {
    Path compiled = Files.createDirectories(Path.of("target/functions"));
    Path source = Path.of("src/test/functions/java/clones/Twin.java");
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-proc:none", "-d", compiled.toString(), source.toString());
    assertThat(result).isZero();
    code =
        Sample.zipOf(
            Map.of("clones/Twin.class", Files.readAllBytes(compiled.resolve("clones/Twin.class"))));
    service = TestService.start(Map.of("maxInstances", 2 * AT_ONCE));
  }

  @AfterAll
  static void close() {
    service.close();
  }

  private static FunctionSettings settings(RestoreMode mode) {
    return Sample.settings(
        f -> {
          f.put("runtime", "java");
          f.put("handler", "clones.Twin");
          f.put("memoryMb", 256);
          f.put("maxInstances", AT_ONCE);
          f.put("restoreMode", mode.wire());
        });
  }

  private static void deployAndFreeze(String name, RestoreMode mode) throws Exception {
    var unused = service.client().deploy(name, settings(mode), code);
    assertThat(service.invoke(name, "{'do':'draw'}").functionError()).isNull();
    service.awaitSnapshot(name);
    service.evictAll(name);
  }

  @Test
  void invoke_goesFromColdOverRestoredToWarm() throws Exception {
    var unused = service.client().deploy("path", settings(RestoreMode.AUTO), code);
    InvocationReply cold = service.invoke("path", "{'n':1}");
    assertThat(cold.start()).isEqualTo(StartKind.COLD);
    String booted = TestService.json(cold).path("booted").asText();
    service.awaitSnapshot("path");
    service.evictAll("path");
    InvocationReply hot = service.invoke("path", "{'n':2}");
    assertThat(hot.start()).isEqualTo(StartKind.RESTORED);
    JsonNode said = TestService.json(hot);
    assertThat(said.path("booted").asText()).isEqualTo(booted); // the same process, in memory
    assertThat(said.path("served").asInt()).isEqualTo(2);
    assertThat(said.path("echo").path("n").asInt()).isEqualTo(2);
    assertThat(service.invoke("path", "{}").start()).isEqualTo(StartKind.WARM);
  }

  @ParameterizedTest
  @EnumSource(value = RestoreMode.class, mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void churn_afterARestore_asIfNeverFrozen(RestoreMode mode) throws Exception {
    String name = "churn-" + mode.wire();
    var unused = service.client().deploy(name, settings(mode), code);
    List<String> expected = churn(name, StartKind.COLD);
    for (int clone = 0; clone < 2; clone++) {
      service.evictAll(name);
      assertThat(churn(name, StartKind.RESTORED)).isEqualTo(expected);
      assertThat(service.client().instances(name))
          .singleElement()
          .satisfies(instance -> assertThat(instance.restoreMode()).isEqualTo(mode));
    }
    assertThat(service.client().function(name).failures().restore()).isZero();
  }

  private static List<String> churn(String name, StartKind start) throws Exception {
    List<String> sums = new ArrayList<>();
    for (int seed = 0; seed < 3; seed++) {
      InvocationReply reply =
          service.invoke(name, "{'do':'churn','rounds':30,'seed':" + seed + "}");
      assertThat(reply.functionError()).isNull();
      assertThat(reply.start()).isEqualTo(seed == 0 ? start : StartKind.WARM);
      sums.add(TestService.json(reply).path("sum").asText());
      if (reply.start() == StartKind.COLD) {
        service.awaitSnapshot(name); // else another instance might answer while it is frozen
      }
    }
    return sums;
  }

  @Test
  void clones_aHundred_drawNoTwoEqualValues() throws Exception {
    deployAndFreeze("twins", RestoreMode.AUTO);
    Map<String, Set<String>> drawn = new HashMap<>();
    int clones = 0;
    while (clones < CLONES) {
      List<CompletableFuture<InvocationReply>> replies = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        replies.add(service.invokeAsync("twins", "{'do':'draw','gate':true}"));
      }
      for (String instance : service.awaitBusy("twins", AT_ONCE)) {
        service.openGate(instance);
      }
      for (CompletableFuture<InvocationReply> waiting : replies) {
        InvocationReply reply = waiting.get(60, TimeUnit.SECONDS);
        assertThat(reply.start()).isEqualTo(StartKind.RESTORED);
        TestService.json(reply)
            .path("drawn")
            .properties()
            .forEach(
                source ->
                    drawn
                        .computeIfAbsent(source.getKey(), name -> new HashSet<>())
                        .add(source.getValue().asText()));
      }
      clones += AT_ONCE;
      service.evictAll("twins");
    }
    assertThat(drawn).hasSizeGreaterThan(8);
    drawn.forEach((source, values) -> assertThat(values).as(source).hasSize(CLONES));
  }

  @Test
  void clocks_afterARestore_goOnAndTimersThatFellDueFireOnce() throws Exception {
    var unused = service.client().deploy("clocks", settings(RestoreMode.AUTO), code);
    // Only one instance may be there: the one that has the timer.
    service.client().putPolicy("clocks", new PolicyChoice("cold", Map.of()));
    service.invoke("clocks", "{'do':'schedule'}");
    service.client().checkpoint("clocks");
    service.client().putPolicy("clocks", new PolicyChoice("after-first", Map.of()));
    service.awaitSnapshot("clocks");
    service.evictAll("clocks");
    // The timer falls due while nothing of the function runs.
    TimeUnit.SECONDS.sleep(3);
    long before = System.currentTimeMillis();
    InvocationReply reply = service.invoke("clocks", "{'do':'clocks'}");
    assertThat(reply.start()).isEqualTo(StartKind.RESTORED);
    JsonNode first = TestService.json(reply);
    assertThat(first.path("epochMs").asLong()).isBetween(before, System.currentTimeMillis());
    assertThat(first.path("forwards").asBoolean()).isTrue();
    assertThat(first.path("remainingMs").asLong()).isBetween(20_000L, 30_000L);
    Await.until(
        "the timer has fired",
        () -> service.ask("clocks", "{'do':'clocks'}").path("ticks").asInt() == 1);
  }
}
