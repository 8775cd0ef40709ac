package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.DecisionKind;
import dev.rekindle.api.EventType;
import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.Json;
import dev.rekindle.api.PolicyBeliefs;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.PolicyDecision;
import dev.rekindle.api.ShadowChoice;
import dev.rekindle.api.ShadowGain;
import dev.rekindle.orchestrator.policy.KeptPolicy;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What policies learn from live traffic, how it is told and kept, and policies in the shadow. */
class BeliefsTest {
  private static final PolicyChoice ADAPTIVE = new PolicyChoice("adaptive", Map.of());
  private static final ShadowChoice SHADOW = new ShadowChoice("after-first", Map.of());
  private static TestService service;

  @BeforeAll
  static void start() throws Exception {
    service = TestService.start();
  }

  @AfterAll
  static void close() throws Exception {
    service.close();
  }

  private static FunctionSettings under(PolicyChoice policy) {
    return Sample.settings(f -> f.put("policy", policy));
  }

  private static void invoke(String name, int times) {
    for (int i = 0; i < times; i++) {
      var unused = service.invoke(name, "{}");
    }
  }

  /** First requests after a restore may count as a part of that: not each request is a sample. */
  private static double samples(String name) {
    return service.client().beliefs(name).curve().stream().mapToDouble(p -> p.samples()).sum();
  }

  private static Path kept(String name) {
    return service.dataDir().resolve("functions/" + name + "/policy-state.json.gz");
  }

  @Test
  void beliefs_ofALearner_areItsNumbers() throws Exception {
    service.deployAndFreeze("learner", under(ADAPTIVE));
    invoke("learner", 5);
    PolicyBeliefs beliefs = service.client().beliefs("learner");
    assertThat(beliefs.policy()).isEqualTo("adaptive");
    assertThat(samples("learner")).isBetween(1.0, 6.0);
    assertThat(beliefs.curve())
        .allSatisfy(point -> assertThat(point.meanMs()).isBetween(0.01, 60_000.0));
    assertThat(beliefs.pool()).hasSize(2);
    assertThat(beliefs.pool().get(0).scoreMs()).isNotNull();
    assertThat(beliefs.numbers().get("bootMs")).isPositive();
    assertThat(beliefs.decisions())
        .extracting(PolicyDecision::kind)
        .contains(DecisionKind.START, DecisionKind.CHECKPOINT);
    assertThat(beliefs.wish().idleMs()).isPositive();
    assertThat(beliefs.shadow()).isNull();
  }

  @Test
  void callerAlone_needsOneInstance_alsoWhileAnotherIsFrozen() throws Exception {
    service.deployAndFreeze("alone", under(ADAPTIVE));
    for (int i = 0; i < 5; i++) {
      var freezing = CompletableFuture.runAsync(() -> service.client().checkpoint("alone"));
      invoke("alone", 3);
      freezing.join();
    }
    invoke("alone", 1); // after a silence none would be wanted
    assertThat(service.client().beliefs("alone").wish().instances()).isLessThanOrEqualTo(1);
  }

  @Test
  void everyPolicy_tellsItsDecisionsWithReasons() throws Exception {
    for (var description : service.client().policies()) {
      String name = "says-" + description.name();
      service.deploy(name, under(new PolicyChoice(description.name(), Map.of())));
      invoke(name, 1);
      PolicyBeliefs beliefs = service.client().beliefs(name);
      assertThat(beliefs.policy()).isEqualTo(description.name());
      assertThat(beliefs.decisions()).as(name).isNotEmpty();
      assertThat(beliefs.decisions()).allSatisfy(d -> assertThat(d.reason()).isNotBlank());
      service.client().delete(name);
    }
  }

  @Test
  void restart_goesOnWithWhatWasLearnt() throws Exception {
    service.deploy("learnt", under(ADAPTIVE));
    invoke("learnt", 6);
    double before = samples("learnt");
    assertThat(before).isPositive();
    service.restart();
    assertThat(samples("learnt")).isEqualTo(before);
    assertThat(service.client().beliefs("learnt").numbers().get("bootMs")).isPositive();
    invoke("learnt", 1); // and lives with what it knows
    service.client().delete("learnt");
    assertThat(Files.exists(kept("learnt"))).isFalse();
  }

  @Test
  void sameCodeAgain_keepsWhatWasLearnt_otherCodeDoesNot() throws Exception {
    service.deploy("again", under(ADAPTIVE));
    invoke("again", 3);
    double before = samples("again");
    assertThat(before).isPositive();
    service.deploy(
        "again",
        Sample.settings(
            f -> {
              f.put("policy", new PolicyChoice("adaptive", Map.of("maxSnapshots", 3L)));
              f.put("timeoutMs", 9_000);
            }));
    assertThat(samples("again")).isEqualTo(before);
    service.deploy(
        "again",
        Sample.settings(
            f -> {
              f.put("policy", ADAPTIVE);
              f.put("environment", Map.of("A", "b"));
            }));
    assertThat(samples("again")).isZero();
  }

  @Test
  void policyChange_keepsWhatTheSamePolicyLearnt() throws Exception {
    service.deploy("tuned", under(ADAPTIVE));
    invoke("tuned", 4);
    double before = samples("tuned");
    assertThat(before).isPositive();
    var unused =
        service.client().putPolicy("tuned", new PolicyChoice("adaptive", Map.of("surprise", 0.5)));
    assertThat(samples("tuned")).isEqualTo(before);
    unused = service.client().putPolicy("tuned", new PolicyChoice("cold", Map.of()));
    unused = service.client().putPolicy("tuned", ADAPTIVE);
    assertThat(samples("tuned")).isZero();
  }

  @Test
  void stateThatIsNoUse_isLearntAnew() throws Exception {
    for (String name : new String[] {"torn", "foreign", "strange"}) {
      service.deploy(name, under(ADAPTIVE));
      invoke(name, 2);
    }
    service.restart(
        () -> {
          byte[] good = Files.readAllBytes(kept("torn"));
          Files.write(kept("torn"), java.util.Arrays.copyOf(good, good.length / 2));
          Files.write(kept("foreign"), good); // of another function: other code
          KeptPolicy strange = KeptPolicy.decode(Files.readAllBytes(kept("strange")));
          Files.write(
              kept("strange"),
              new KeptPolicy(
                      strange.identity(),
                      new dev.rekindle.orchestrator.policy.model.PolicyState(
                          "request-centric", 1, strange.inForce().content()),
                      null)
                  .encode());
        });
    for (String name : new String[] {"torn", "foreign", "strange"}) {
      assertThat(samples(name)).as(name).isZero();
      invoke(name, 1);
      assertThat(samples(name)).as(name).isPositive();
    }
  }

  @Test
  void stateThatCannotBeWritten_isToldAndNothingElse() throws Exception {
    service.deploy("full", under(ADAPTIVE));
    // Where the fresh file is to be written there is a directory: as if the disk refused.
    Path inTheWay = kept("full").resolveSibling("policy-state.json.gz.new");
    Files.createDirectory(inTheWay);
    try (EventStream events = new EventStream(service)) {
      invoke("full", 1);
      assertThat(events.await(EventType.FAILURE, "full").message()).contains("is not kept");
    }
    invoke("full", 1);
    Files.delete(inTheWay);
    invoke("full", 1);
    Await.until("it is kept after all", () -> Files.exists(kept("full")));
  }

  @Test
  void shadow_savesOnPaperAndTakesNoSnapshot() throws Exception {
    service.deploy("shady", under(new PolicyChoice("cold", Map.of(), SHADOW)));
    for (int i = 0; i < 4; i++) {
      invoke("shady", 2);
      service.evictAll("shady");
    }
    ShadowGain gain = gain("shady");
    assertThat(gain.requests()).isEqualTo(8);
    assertThat(gain.totalMs()).isPositive();
    assertThat(gain.assumed()).containsExactly("restore", "checkpoint");
    assertThat(gain.inForce().coldStarts()).isEqualTo(4);
    assertThat(gain.shadow().restores()).isEqualTo(3);
    assertThat(gain.shadow().checkpoints()).isEqualTo(1);
    assertThat(service.client().snapshots("shady")).isEmpty();
    assertThat(service.client().function("shady").starts().restored()).isZero();
    PolicyBeliefs beside =
        Objects.requireNonNull(service.client().beliefs("shady").shadow()).beliefs();
    assertThat(beside.policy()).isEqualTo("after-first");
    assertThat(beside.pool()).extracting(p -> p.snapshot()).contains("virtual-1");

    service.restart();
    assertThat(gain("shady")).isEqualTo(gain);
    invoke("shady", 1);
    assertThat(gain("shady").requests()).isEqualTo(9);
    assertThat(gain("shady").shadow().restores()).isEqualTo(4);

    var unused = service.client().putPolicy("shady", new PolicyChoice("cold", Map.of()));
    assertThat(service.client().beliefs("shady").shadow()).isNull();
    assertThat(service.client().policy("shady").shadow()).isNull();
  }

  private static ShadowGain gain(String name) {
    return Objects.requireNonNull(service.client().beliefs(name).shadow()).gain();
  }

  @Test
  void shadow_chosenLate_followsInstancesThatRun() throws Exception {
    service.deploy("late", Sample.cold());
    invoke("late", 3);
    var unused = service.client().putPolicy("late", new PolicyChoice("cold", Map.of(), SHADOW));
    invoke("late", 2);
    assertThat(gain("late").requests()).isEqualTo(2);
    assertThat(gain("late").totalMs()).isZero();
  }

  @Test
  void wrongShadow_isRefusedByItsField() throws Exception {
    service.deploy("wrong", Sample.cold());
    refused("{'name':'cold','shadow':{'name':'adaptve'}}", "policy.shadow.name", "adaptive");
    refused(
        "{'name':'cold','shadow':{'name':'fixed','parameters':{'request':-1}}}",
        "policy.shadow.parameters.request",
        "from");
    refused(
        "{'name':'cold','shadow':{'name':'fixed','parameters':{'rquest':1}}}",
        "policy.shadow.parameters.rquest",
        "request");
    refused("{'name':'cold','shadow':{'name':' '}}", "policy.shadow.name", "");
    assertThat(service.client().policy("wrong").shadow()).isNull();
  }

  private static void refused(String policy, String field, String hint) throws Exception {
    HttpResponse<byte[]> reply =
        service
            .http()
            .send(
                "PUT",
                "/v1/functions/wrong/policy",
                policy.replace('\'', '"').getBytes(StandardCharsets.UTF_8),
                "Content-Type",
                "application/json");
    JsonNode problem = Json.mapper().readTree(reply.body());
    assertThat(reply.statusCode()).isEqualTo(400);
    assertThat(problem.path("field").asText()).isEqualTo(field);
    assertThat(problem.toString()).contains(hint);
  }
}
