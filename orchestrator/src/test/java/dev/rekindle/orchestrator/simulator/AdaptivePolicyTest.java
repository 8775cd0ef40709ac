package dev.rekindle.orchestrator.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rekindle.api.Json;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.orchestrator.policy.Policies;
import dev.rekindle.orchestrator.policy.model.Beliefs;
import dev.rekindle.orchestrator.policy.model.Budget;
import dev.rekindle.orchestrator.policy.model.Decision;
import dev.rekindle.orchestrator.policy.model.Policy;
import dev.rekindle.orchestrator.policy.model.PolicyContext;
import dev.rekindle.orchestrator.policy.model.PolicyState;
import dev.rekindle.orchestrator.policy.model.PolicyStateException;
import dev.rekindle.orchestrator.policy.model.SharedBudget;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.Start;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The learning policy on curves that chance makes, in the simulator. */
class AdaptivePolicyTest {
  private static final Costs COSTS = new Costs(400, 25, 120, 50);
  private static final PolicyChoice ADAPTIVE = new PolicyChoice("adaptive", Map.of());

  /** A policy in a simulation that can be looked into. */
  private static final class Run {
    final SimulatedClock clock = new SimulatedClock();
    final Policy policy;
    final CurveSimulation simulation;

    Run(PolicyChoice choice, Costs costs, int requests, Budget budget) {
      this(choice, costs, requests, budget, 11);
    }

    Run(PolicyChoice choice, Costs costs, int requests, Budget budget, long seed) {
      policy =
          new Policies()
              .make(choice, new PolicyContext("f", clock, new SplittableRandom(9), budget));
      simulation =
          new CurveSimulation(policy, costs, new SplittableRandom(seed), clock, budget, requests);
    }

    Outcome outcome() {
      return simulation.tally().outcome(policy.name());
    }
  }

  private static Outcome run(Curve curve, Costs costs, int requests, int evictEvery) {
    Run run = new Run(ADAPTIVE, costs, requests, Budget.UNLIMITED);
    run.simulation.serve(curve, requests, evictEvery);
    return run.outcome();
  }

  /** Falls to a level at a pace, with noise; all by chance. */
  private static Curve randomCurve(long seed) {
    return randomCurve(seed, 1);
  }

  private static Curve randomCurve(long seed, double noiseFactor) {
    SplittableRandom random = new SplittableRandom(seed);
    double level = 2e6 * Math.exp(3 * random.nextDouble());
    double excess = 1 + 9 * random.nextDouble();
    double pace = 5 + 40 * random.nextDouble();
    double noise = noiseFactor * (0.02 + 0.1 * random.nextDouble());
    long[] nanos = new long[600];
    for (int i = 0; i < nanos.length; i++) {
      nanos[i] =
          Math.round(
              level * (1 + excess * Math.exp(-i / pace)) * Math.exp(noise * random.nextGaussian()));
    }
    return Curve.of("random " + seed, nanos);
  }

  /** The least that requests cost from one fixed snapshot that was there from the beginning. */
  private static double bestFixedMs(Curve curve, Costs costs, int evictEvery) {
    double best = Double.POSITIVE_INFINITY;
    SplittableRandom unused = new SplittableRandom(0);
    for (int from = 0; from + evictEvery <= curve.length(); from++) {
      double sum = costs.restoreMs();
      for (int i = 1; i <= evictEvery; i++) {
        sum += curve.at(from + i, unused) / 1e6;
      }
      best = Math.min(best, sum / evictEvery);
    }
    return best;
  }

  private static double[] milliseconds(Run run) {
    long[] nanos = run.simulation.tally().latencies();
    double[] ms = new double[nanos.length];
    for (int i = 0; i < ms.length; i++) {
      ms[i] = nanos[i] / 1e6;
    }
    return ms;
  }

  private static double mean(double[] values, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += values[i];
    }
    return sum / (to - from);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void regret_falls(long seed) {
    Curve curve = randomCurve(seed);
    for (int evictEvery : new int[] {4, 20}) {
      Run run = new Run(ADAPTIVE, COSTS, 20_000, Budget.UNLIMITED);
      run.simulation.serve(curve, 20_000, evictEvery);
      double[] ms = milliseconds(run);
      double best = bestFixedMs(curve, COSTS, evictEvery);
      double early = mean(ms, 0, 1_000) - best;
      double late = mean(ms, 10_000, 20_000) - best;
      assertThat(late).as("every %d", evictEvery).isLessThan(early / 2);
      assertThat(late).as("every %d", evictEvery).isLessThan(0.15 * best);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24, 25, 26})
  void unitOfTime_doesNotMatter(long seed) {
    SplittableRandom unused = new SplittableRandom(0);
    Curve curve = randomCurve(seed);
    long[] scaled = new long[curve.length()];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = 1_024 * curve.at(i + 1, unused); // a power of two: no rounding in between
    }
    Costs thousand = new Costs(400 * 1_024, 25 * 1_024, 120 * 1_024, 50);
    Map<String, Object> endless = Map.of("paybackHours", 1e6);
    for (int evictEvery : new int[] {1, 4, 20}) {
      Run small = new Run(new PolicyChoice("adaptive", endless), COSTS, 3_000, Budget.UNLIMITED);
      Run large = new Run(new PolicyChoice("adaptive", endless), thousand, 3_000, Budget.UNLIMITED);
      small.simulation.serve(Curve.of("small", nanos(curve)), 3_000, evictEvery);
      large.simulation.serve(Curve.of("large", scaled), 3_000, evictEvery);
      long[] one = small.simulation.tally().latencies();
      long[] other = large.simulation.tally().latencies();
      for (int i = 0; i < one.length; i++) {
        assertThat(other[i]).as("request %d", i).isEqualTo(1_024 * one[i]);
      }
      assertThat(large.outcome().checkpoints()).isEqualTo(small.outcome().checkpoints());
    }
  }

  private static long[] nanos(Curve curve) {
    long[] nanos = new long[curve.length()];
    for (int i = 0; i < nanos.length; i++) {
      nanos[i] = curve.at(i + 1, new SplittableRandom(0));
    }
    return nanos;
  }

  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33, 34})
  void exploring_stops(long seed) {
    // Without noise there is no luck to look for. What is left is the surprise that a long
    // horizon pays for: a small share of what callers wait. Luck must not cost more either.
    for (double noise : new double[] {0, 1}) {
      Curve curve = randomCurve(seed, noise);
      Outcome early = run(curve, COSTS, 20_000, 20);
      Outcome later = run(curve, COSTS, 40_000, 20);
      double spent = (later.checkpoints() - early.checkpoints()) * COSTS.checkpointMs() / 1e3;
      double took = later.totalSeconds() - early.totalSeconds();
      assertThat(spent).as("noise %s", noise).isLessThan(0.03 * took);
    }
  }

  @Test
  void flatCurve_isNotExplored() {
    long[] flat = new long[300];
    java.util.Arrays.fill(flat, 10_000_000);
    Outcome outcome = run(Curve.of("flat", flat), COSTS, 5_000, 20);
    assertThat(outcome.checkpoints()).isLessThanOrEqualTo(5);
    assertThat(outcome.coldStarts()).isEqualTo(1);
  }

  /** As measured on a service that had just been started: it warms up, and so do restored ones. */
  private static final Weather WARMING_UP = new Weather(0.4, 0.2, 40, 4, 250, 1.5, 6);

  @Test
  void flatCurve_thatFallsWithTimeAlone_isNotExploredForLong() {
    long[] flat = new long[300];
    java.util.Arrays.fill(flat, 8_000_000);
    double spent = 0;
    double all = 0;
    for (long seed = 61; seed <= 66; seed++) {
      Run run = new Run(ADAPTIVE, COSTS, 5_000, Budget.UNLIMITED, seed);
      run.simulation.serve(Curve.of("flat", flat).under(WARMING_UP), 5_000, 20);
      spent += run.outcome().checkpoints() * COSTS.checkpointMs() / 1e3;
      all += run.outcome().totalSeconds();
    }
    assertThat(spent).isLessThan(0.06 * all);
  }

  @ParameterizedTest
  @ValueSource(longs = {71, 72, 73, 74})
  void fallingCurve_isFollowedInAnyWeather(long seed) {
    long[] falling = new long[2_000];
    java.util.Arrays.setAll(falling, i -> Math.round(4e6 + 36e6 * Math.exp(-i / 150.0)));
    Run run = new Run(ADAPTIVE, COSTS, 5_000, Budget.UNLIMITED, seed);
    run.simulation.serve(Curve.of("falling", falling).under(WARMING_UP), 5_000, 20);
    assertThat(mean(milliseconds(run), 4_000, 5_000)).isLessThan(15);
  }

  @Test
  void restartedService_isSlowerAtFirst_whichIsNoChange() {
    long[] falling = new long[600];
    java.util.Arrays.setAll(falling, i -> Math.round(4e6 + 36e6 * Math.exp(-i / 40.0)));
    Curve curve = Curve.of("falling", falling);
    Run before = new Run(ADAPTIVE, COSTS, 4_000, Budget.UNLIMITED);
    before.simulation.serve(curve.under(new Weather(0.3, 0, 1, 0, 1, 0, 1)), 4_000, 20);
    Run after = new Run(ADAPTIVE, COSTS, 3_000, Budget.UNLIMITED);
    after.policy.restore(before.policy.state());
    Set<Decision.Kind> kinds = EnumSet.noneOf(Decision.Kind.class);
    Curve warmingUp = curve.under(new Weather(0.3, 0, 1, 4, 250, 0, 1));
    for (int i = 0; i < 30; i++) {
      after.simulation.serve(warmingUp, 100, 20);
      after
          .policy
          .beliefs(after.simulation.pool().views())
          .decisions()
          .forEach(d -> kinds.add(d.kind()));
    }
    assertThat(kinds).contains(Decision.Kind.START).doesNotContain(Decision.Kind.RELEARN);
  }

  @Test
  void burst_triesOneThingAtATime() {
    Run run = new Run(ADAPTIVE, COSTS, 2_000, Budget.UNLIMITED);
    long[] rising = new long[300];
    java.util.Arrays.setAll(rising, i -> 5_000_000L + 300_000L * i);
    Curve curve = Curve.of("rising", rising);
    for (int life = 0; life < 40; life++) {
      run.simulation.serve(curve, 4, 4);
      List<SnapshotView> ready = run.simulation.pool().views();
      Set<Start> starts = new HashSet<>();
      List<StartPlan> burst = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        burst.add(run.policy.start(ready));
        starts.add(burst.get(i).start());
      }
      // Whatever the first one is for, the others do what costs least, and freeze nothing.
      assertThat(new HashSet<>(burst.subList(1, 5)).size())
          .as("life %d", life)
          .isLessThanOrEqualTo(2);
      assertThat(burst.subList(2, 5)).allMatch(p -> p.checkpointAt() == StartPlan.NO_CHECKPOINT);
      assertThat(starts).hasSizeLessThanOrEqualTo(3);
    }
  }

  @Test
  void lateFall_isFoundWhenTrafficPaysForIt() {
    long[] nanos = new long[3_000];
    for (int i = 0; i < nanos.length; i++) {
      nanos[i] = i < 1_500 ? 20_000_000 : 5_000_000;
    }
    Run run = new Run(ADAPTIVE, COSTS, 200_000, Budget.UNLIMITED);
    run.simulation.serve(Curve.of("late", nanos), 200_000, 20);
    double[] ms = milliseconds(run);
    assertThat(mean(ms, 190_000, 200_000)).isLessThan(8);
  }

  @Test
  void changedLatency_isLearntAnew() {
    long[] falling = new long[400];
    long[] rising = new long[400];
    for (int i = 0; i < 400; i++) {
      falling[i] = Math.round(5e6 + 60e6 * Math.exp(-i / 15.0));
      rising[i] = Math.round(5e6 + 0.5e6 * i);
    }
    Run run = new Run(ADAPTIVE, COSTS, 20_000, Budget.UNLIMITED);
    run.simulation.serve(Curve.of("before", falling), 8_000, 4);
    Set<Decision.Kind> kinds = EnumSet.noneOf(Decision.Kind.class);
    for (int i = 0; i < 120; i++) {
      run.simulation.serve(Curve.of("after", rising), 100, 4);
      run.policy
          .beliefs(run.simulation.pool().views())
          .decisions()
          .forEach(d -> kinds.add(d.kind()));
    }
    double[] ms = milliseconds(run);
    double best = bestFixedMs(Curve.of("after", rising), COSTS, 4);
    assertThat(mean(ms, 15_000, 20_000)).isLessThan(1.3 * best);
    assertThat(kinds).contains(Decision.Kind.RELEARN);
  }

  @Test
  void outliers_doNotDrawItAway() {
    SplittableRandom random = new SplittableRandom(3);
    long[] nanos = new long[500];
    for (int i = 0; i < nanos.length; i++) {
      double base = i == 0 ? 60e6 : 8e6;
      nanos[i] = Math.round(base * (random.nextInt(30) == 0 ? 40 : 1));
    }
    Curve curve = Curve.of("outliers", nanos);
    double best = bestFixedMs(curve, COSTS, 4);
    Run run = new Run(ADAPTIVE, COSTS, 20_000, Budget.UNLIMITED);
    run.simulation.serve(curve, 20_000, 4);
    assertThat(mean(milliseconds(run), 10_000, 20_000)).isLessThan(1.1 * best);
  }

  @Test
  void budget_ofCheckpoints_holds() {
    Curve curve = randomCurve(41);
    SimulatedClock budgetClock = new SimulatedClock(); // stands still: all in one hour
    SharedBudget budget = new SharedBudget(budgetClock, 3, 1e12, 1e12);
    Run run = new Run(ADAPTIVE, COSTS, 5_000, budget.view("f"));
    run.simulation.serve(curve, 5_000, 4);
    assertThat(run.outcome().checkpoints()).isBetween(1L, 3L);
  }

  @Test
  void snapshots_staySoManyAtMost() {
    Run run =
        new Run(
            new PolicyChoice("adaptive", Map.of("maxSnapshots", 4)),
            COSTS,
            5_000,
            Budget.UNLIMITED);
    run.simulation.serve(randomCurve(43), 5_000, 4);
    assertThat(run.outcome().storedMb()).isLessThanOrEqualTo(5 * COSTS.snapshotMb());
  }

  @Test
  void state_survivesJsonAndLeadsToTheSameBeliefs() throws Exception {
    Run run = new Run(ADAPTIVE, COSTS, 2_000, Budget.UNLIMITED);
    run.simulation.serve(randomCurve(51), 2_000, 4);
    PolicyState kept = Json.mapper().readValue(Json.write(run.policy.state()), PolicyState.class);
    Run other = new Run(ADAPTIVE, COSTS, 10, Budget.UNLIMITED);
    other.policy.restore(kept);
    Beliefs before = run.policy.beliefs(List.of());
    Beliefs after = other.policy.beliefs(List.of());
    assertThat(after.curve()).isEqualTo(before.curve());
    assertThat(after.numbers().get("checkpointMs")).isEqualTo(before.numbers().get("checkpointMs"));
    assertThat(Json.mapper().<JsonNode>valueToTree(other.policy.state()))
        .isEqualTo(Json.mapper().<JsonNode>valueToTree(run.policy.state()));
  }

  @Test
  void damagedState_isRefusedAndChangesNothing() {
    Run run = new Run(ADAPTIVE, COSTS, 500, Budget.UNLIMITED);
    run.simulation.serve(randomCurve(52), 500, 4);
    PolicyState good = run.policy.state();
    List<ObjectNode> damaged = new ArrayList<>();
    for (String field : List.of("curve", "costs", "lives", "gaps", "continued", "requests")) {
      ObjectNode content = good.content().deepCopy();
      content.put(field, "no");
      damaged.add(content);
      ObjectNode without = good.content().deepCopy();
      without.remove(field);
      damaged.add(without);
    }
    ObjectNode unequal = good.content().deepCopy();
    ((ObjectNode) unequal.get("curve")).withArray("means").remove(0);
    damaged.add(unequal);
    ObjectNode negative = good.content().deepCopy();
    ((ObjectNode) negative.get("curve")).withArray("samples").set(0, -1);
    damaged.add(negative);
    for (ObjectNode content : damaged) {
      Run other = new Run(ADAPTIVE, COSTS, 10, Budget.UNLIMITED);
      JsonNode before = Json.mapper().valueToTree(other.policy.state());
      assertThatThrownBy(() -> other.policy.restore(new PolicyState("adaptive", 1, content)))
          .isInstanceOf(PolicyStateException.class);
      assertThat(Json.mapper().<JsonNode>valueToTree(other.policy.state())).isEqualTo(before);
    }
    assertThatThrownBy(() -> run.policy.restore(new PolicyState("cold", 1, good.content())))
        .hasMessageContaining("of policy 'cold'");
    assertThatThrownBy(() -> run.policy.restore(new PolicyState("adaptive", 9, good.content())))
        .hasMessageContaining("format is 9");
  }

  @Test
  void beliefs_tellWhatWasSeen() {
    Run run = new Run(ADAPTIVE, COSTS, 2_000, Budget.UNLIMITED);
    run.simulation.serve(randomCurve(53), 2_000, 4);
    Beliefs beliefs = run.policy.beliefs(List.of());
    double samples = beliefs.curve().stream().mapToDouble(Beliefs.CurvePoint::samples).sum();
    assertThat(samples).isBetween(1_500.0, 2_000.0);
    assertThat(beliefs.numbers().get("restoreMs")).isEqualTo(COSTS.restoreMs());
    assertThat(beliefs.numbers().get("requestsPerLife")).isEqualTo(4);
    assertThat(beliefs.decisions()).isNotEmpty();
  }
}
