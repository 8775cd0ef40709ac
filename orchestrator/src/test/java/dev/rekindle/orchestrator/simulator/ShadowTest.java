package dev.rekindle.orchestrator.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rekindle.api.Json;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.ShadowGain;
import dev.rekindle.orchestrator.policy.Policies;
import dev.rekindle.orchestrator.policy.model.Budget;
import dev.rekindle.orchestrator.policy.model.Policy;
import dev.rekindle.orchestrator.policy.model.PolicyContext;
import dev.rekindle.orchestrator.policy.model.PolicyState;
import dev.rekindle.orchestrator.policy.model.PolicyStateException;
import dev.rekindle.orchestrator.policy.shadow.Shadow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a policy in the shadow is said to save, held against what it does save on its own. */
class ShadowTest {
  private static final Costs COSTS = new Costs(400, 25, 120, 50);
  private static final int REQUESTS = 2_000;
  private static final int[] EVICT_EVERY = {1, 4, 20};

  private static final PolicyChoice COLD = new PolicyChoice("cold", Map.of());
  private static final PolicyChoice AFTER_INIT = new PolicyChoice("after-init", Map.of());
  private static final PolicyChoice AFTER_FIRST = new PolicyChoice("after-first", Map.of());
  private static final PolicyChoice FIXED = new PolicyChoice("fixed", Map.of("request", 20L));
  private static final PolicyChoice ON_EVICT =
      new PolicyChoice("on-evict", Map.of("lastRequest", 60L));
  private static final PolicyChoice PRONGHORN = new PolicyChoice("request-centric", Map.of());
  private static final PolicyChoice ADAPTIVE = new PolicyChoice("adaptive", Map.of());

  /** One policy in force, with another in its shadow or alone. */
  private static final class Run {
    final SimulatedClock clock = new SimulatedClock();
    final Policy inForce;
    final Shadow shadow;
    final CurveSimulation simulation;

    Run(PolicyChoice inForce, PolicyChoice shadow, boolean shadowed) {
      this.inForce = make(inForce, 7);
      this.shadow = new Shadow(make(shadow, 7), clock, inForce + " " + shadow);
      this.simulation =
          new CurveSimulation(
              shadowed ? new Shadowed(this.inForce, this.shadow) : this.inForce,
              COSTS,
              new SplittableRandom(5),
              clock,
              Budget.UNLIMITED,
              2 * REQUESTS);
    }

    private Policy make(PolicyChoice choice, long seed) {
      return new Policies()
          .make(
              choice, new PolicyContext("f", clock, new SplittableRandom(seed), Budget.UNLIMITED));
    }

    Run serve(Curve curve, int evictEvery) {
      simulation.serve(curve, REQUESTS, evictEvery);
      return this;
    }

    double totalMs() {
      return simulation.tally().outcome("x").totalSeconds() * 1e3;
    }
  }

  private static double alone(PolicyChoice choice, Curve curve, int evictEvery) {
    return new Run(choice, COLD, false).serve(curve, evictEvery).totalMs();
  }

  /** Falls at a pace to a level, with noise, as compilers and caches make it. */
  private static Curve curve(long seed, double slower) {
    SplittableRandom random = new SplittableRandom(seed);
    double level = slower * 2e6 * Math.exp(3 * random.nextDouble());
    double excess = 1 + 9 * random.nextDouble();
    double pace = 5 + 40 * random.nextDouble();
    double noise = 0.02 + 0.1 * random.nextDouble();
    long[] nanos = new long[600];
    for (int i = 0; i < nanos.length; i++) {
      nanos[i] =
          Math.round(
              level * (1 + excess * Math.exp(-i / pace)) * Math.exp(noise * random.nextGaussian()));
    }
    return Curve.of("random " + seed, nanos);
  }

  static Stream<PolicyChoice> all() {
    return Stream.of(COLD, AFTER_INIT, AFTER_FIRST, FIXED, ON_EVICT, PRONGHORN, ADAPTIVE);
  }

  static Stream<PolicyChoice> explorers() {
    return Stream.of(ON_EVICT, PRONGHORN, ADAPTIVE);
  }

  @ParameterizedTest
  @MethodSource("all")
  void shadowOfItself_savesNothing(PolicyChoice choice) {
    for (long seed = 1; seed <= 3; seed++) {
      for (int evictEvery : EVICT_EVERY) {
        Run run = new Run(choice, choice, true).serve(curve(seed, 1), evictEvery);
        ShadowGain gain = run.shadow.gain();
        assertThat(gain.requests()).isEqualTo(REQUESTS);
        assertThat(gain.totalMs()).isCloseTo(0, within(1e-3));
        assertThat(gain.shadow()).isEqualTo(gain.inForce());
        assertThat(gain.inForce().totalMs()).isCloseTo(run.totalMs(), within(0.01 * run.totalMs()));
      }
    }
  }

  /** Where instances have been, the estimate is off by less than a hundredth of all there is. */
  @ParameterizedTest
  @MethodSource("explorers")
  void gain_whereLatencyWasSeen_isTheTrueDifference(PolicyChoice inForce) {
    int compared = 0;
    for (long seed = 1; seed <= 6; seed++) {
      for (int evictEvery : EVICT_EVERY) {
        Curve curve = curve(seed, 1);
        for (PolicyChoice other : List.of(COLD, AFTER_FIRST, FIXED, ON_EVICT)) {
          Run run = new Run(inForce, other, true).serve(curve, evictEvery);
          ShadowGain gain = run.shadow.gain();
          if (gain.unobservedShare() > 0.02) {
            continue;
          }
          compared++;
          double truth = run.totalMs() - alone(other, curve, evictEvery);
          String what = "%s, %s, %d, %d".formatted(inForce, other, seed, evictEvery);
          double tolerance = 0.01 * run.totalMs();
          assertThat(gain.totalMs()).as(what).isCloseTo(truth, within(tolerance));
          if (Math.abs(truth) > tolerance) {
            assertThat(Math.signum(gain.totalMs())).as(what).isEqualTo(Math.signum(truth));
          }
          assertThat(gain.assumed()).as(what).isEmpty();
        }
      }
    }
    assertThat(compared).isGreaterThan(50); // of 72
  }

  @Test
  void gain_whereNobodyHasBeen_saysSo() {
    for (long seed = 1; seed <= 6; seed++) {
      Curve curve = curve(seed, 1);
      Run run = new Run(AFTER_FIRST, FIXED, true).serve(curve, 4);
      ShadowGain gain = run.shadow.gain();
      double truth = run.totalMs() - alone(FIXED, curve, 4);
      assertThat(gain.unobservedShare()).isGreaterThan(0.9);
      assertThat(gain.totalMs()).isCloseTo(truth, within(2 * gain.standardErrorMs()));
    }
  }

  @Test
  void gain_ofSnapshotsOverNone_restsOnAssumedCosts() {
    Run run = new Run(COLD, AFTER_FIRST, true).serve(curve(1, 1), 4);
    ShadowGain gain = run.shadow.gain();
    double truth = run.totalMs() - alone(AFTER_FIRST, curve(1, 1), 4);
    assertThat(gain.assumed()).containsExactly("restore", "checkpoint");
    assertThat(gain.totalMs()).isPositive().isCloseTo(truth, within(2 * gain.standardErrorMs()));
    assertThat(gain.shadow().checkpoints()).isEqualTo(1);
    assertThat(gain.shadow().coldStarts()).isEqualTo(1);
    assertThat(gain.inForce().coldStarts()).isEqualTo(REQUESTS / 4);
    assertThat(gain.perRequestMs()).isCloseTo(gain.totalMs() / REQUESTS, within(1e-9));
  }

  @Test
  void gain_acrossAChangeOfLatency_countsBothTimes() {
    Curve before = curve(3, 1);
    Curve after = curve(3, 5);
    Run run = new Run(PRONGHORN, AFTER_FIRST, true).serve(before, 4).serve(after, 4);
    ShadowGain gain = run.shadow.gain();
    assertThat(gain.requests()).isEqualTo(2L * REQUESTS);
    assertThat(gain.inForce().totalMs()).isCloseTo(run.totalMs(), within(0.01 * run.totalMs()));
    // What the shadow's requests take since the change, no instance has shown.
    assertThat(gain.unobservedShare()).isBetween(0.4, 0.6);
  }

  @ParameterizedTest
  @MethodSource("all")
  void inForce_doesTheSameWithAShadow(PolicyChoice inForce) {
    for (PolicyChoice shadow : List.of(PRONGHORN, ADAPTIVE)) {
      for (int evictEvery : EVICT_EVERY) {
        Run with = new Run(inForce, shadow, true).serve(curve(4, 1), evictEvery);
        Run without = new Run(inForce, shadow, false).serve(curve(4, 1), evictEvery);
        assertThat(with.simulation.tally().latencies())
            .isEqualTo(without.simulation.tally().latencies());
        assertThat(Json.mapper().<JsonNode>valueToTree(with.inForce.state()))
            .isEqualTo(Json.mapper().<JsonNode>valueToTree(without.inForce.state()));
        assertThat(with.inForce.beliefs(List.of())).isEqualTo(without.inForce.beliefs(List.of()));
      }
    }
  }

  @Test
  void decisions_areNoted() {
    Run run = new Run(COLD, FIXED, true).serve(curve(5, 1), 4);
    assertThat(run.shadow.beliefs().decisions()).isNotEmpty();
    assertThat(run.shadow.beliefs().decisions())
        .anySatisfy(each -> assertThat(each.snapshot()).startsWith("virtual-"));
    assertThat(run.simulation.tally().outcome("x").checkpoints()).isZero();
  }

  @ParameterizedTest
  @MethodSource("all")
  void state_survivesJson(PolicyChoice shadow) throws Exception {
    Run run = new Run(ON_EVICT, shadow, true).serve(curve(6, 1), 4);
    ShadowGain gain = run.shadow.gain();
    PolicyState kept = Json.mapper().readValue(Json.write(run.shadow.state()), PolicyState.class);
    Run next = new Run(ON_EVICT, shadow, true);
    next.shadow.restore(kept);
    assertThat(next.shadow.gain()).isEqualTo(gain);
    assertThat(Json.mapper().<JsonNode>valueToTree(next.shadow.state()))
        .isEqualTo(Json.mapper().<JsonNode>valueToTree(run.shadow.state()));
    next.serve(curve(6, 1), 4);
    assertThat(next.shadow.gain().requests()).isEqualTo(2L * REQUESTS);
  }

  @Test
  void state_ofOtherParameters_keepsWhatWasLearntButComparesAnew() {
    Run run = new Run(ON_EVICT, ADAPTIVE, true).serve(curve(6, 1), 4);
    Run other = new Run(AFTER_FIRST, ADAPTIVE, true);
    other.shadow.restore(run.shadow.state());
    assertThat(other.shadow.gain().requests()).isZero();
    assertThat(other.shadow.beliefs().curve())
        .usingRecursiveComparison() // it is kept as of now, which rounds
        .withComparatorForType(
            (a, b) -> Math.abs(a - b) <= 1e-9 * Math.abs(a) ? 0 : Double.compare(a, b),
            Double.class)
        .isEqualTo(run.shadow.beliefs().curve());
  }

  @Test
  void damagedState_isRefusedAndChangesNothing() {
    ObjectNode good =
        (ObjectNode)
            new Run(ON_EVICT, ADAPTIVE, true).serve(curve(6, 1), 4).shadow.state().content();
    List<Consumer<ObjectNode>> damages = new ArrayList<>();
    for (String field : List.of("policy", "measured", "comparison", "snapshots")) {
      damages.add(content -> content.remove(field));
      damages.add(content -> content.put(field, -1));
    }
    damages.add(content -> ((ObjectNode) content.get("measured")).withArray("boot").remove(0));
    damages.add(content -> ((ObjectNode) content.get("snapshots")).withArray("bytes").add(1));
    damages.add(content -> ((ObjectNode) content.at("/comparison/shadow")).put("boots", -1));
    damages.add(content -> content.put("policyFormat", 9));
    for (Consumer<ObjectNode> damage : damages) {
      ObjectNode content = good.deepCopy();
      damage.accept(content);
      Shadow fresh = new Run(ON_EVICT, ADAPTIVE, true).shadow;
      JsonNode before = Json.mapper().valueToTree(fresh.state());
      assertThatThrownBy(() -> fresh.restore(new PolicyState("adaptive", 1, content)))
          .as(content.toString())
          .isInstanceOf(PolicyStateException.class);
      assertThat(Json.mapper().<JsonNode>valueToTree(fresh.state())).isEqualTo(before);
    }
    assertThatThrownBy(
            () ->
                new Run(ON_EVICT, COLD, true).shadow.restore(new PolicyState("adaptive", 1, good)))
        .hasMessageContaining("of policy 'adaptive'");
  }
}
