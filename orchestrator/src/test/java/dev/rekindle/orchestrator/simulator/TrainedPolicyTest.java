package dev.rekindle.orchestrator.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.rekindle.api.PolicyChoice;
import dev.rekindle.orchestrator.policy.Policies;
import dev.rekindle.orchestrator.policy.model.Beliefs;
import dev.rekindle.orchestrator.policy.model.Budget;
import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.Phases;
import dev.rekindle.orchestrator.policy.model.Policy;
import dev.rekindle.orchestrator.policy.model.PolicyContext;
import dev.rekindle.orchestrator.policy.model.Served;
import dev.rekindle.orchestrator.policy.model.SharedBudget;
import dev.rekindle.orchestrator.policy.model.Start;
import dev.rekindle.orchestrator.policy.model.Training;
import dev.rekindle.orchestrator.policy.model.TrainingStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Policies whose clones are trained between the lives that serve callers, in the simulator. */
class TrainedPolicyTest {
  private static final Costs COSTS = new Costs(400, 25, 120, 50);
  private static final int REQUESTS = 5_000;

  /** No function is worth more trainings without news of its callers. */
  private static final int ENOUGH = 25;

  /** A function and its trainings. */
  private static final class Function {
    final SimulatedClock clock = new SimulatedClock();
    final Policy policy;
    final CurveSimulation simulation;
    final Costs costs;
    final Curve curve;
    final double samplePrice;
    final SplittableRandom random = new SplittableRandom(5);
    final List<String> trainings = new ArrayList<>();
    double trainingNanos;

    /** Sample events take {@code samplePrice} of what callers' requests take. */
    Function(PolicyChoice choice, Costs costs, Curve curve, double samplePrice, Budget budget) {
      this.costs = costs;
      this.curve = curve;
      this.samplePrice = samplePrice;
      policy =
          new Policies()
              .make(choice, new PolicyContext("f", clock, new SplittableRandom(9), budget));
      simulation =
          new CurveSimulation(policy, costs, new SplittableRandom(11), clock, budget, REQUESTS);
    }

    Function serve(int requests, int evictEvery, boolean training) {
      for (int left = requests; left > 0; left -= evictEvery) {
        simulation.serve(curve, Math.min(left, evictEvery), evictEvery);
        if (training) {
          train();
        }
      }
      return this;
    }

    void train() {
      for (int asked = 0; asked < ENOUGH; asked++) {
        if (simulation.pool().views().isEmpty()) {
          return;
        }
        Optional<Training> wish = policy.training(simulation.pool().views());
        if (wish.isEmpty()) {
          return;
        }
        carryOut(wish.get());
      }
      throw new AssertionError("it trains without end: " + trainings);
    }

    private void carryOut(Training wish) {
      boolean cold = wish.from().equals(Start.COLD);
      String from = wish.from() instanceof Start.Restore restore ? restore.snapshotId() : null;
      long first = from == null ? 0 : simulation.pool().get(from).request();
      trainingNanos += cold ? costs.coldNanos() : costs.restoreNanos();
      long request = first;
      long target = wish.toRequest();
      while (true) {
        assertThat(target).as("a way ahead").isGreaterThan(request);
        while (request < target) {
          request++;
          long nanos = Math.round(curve.at(request, random) * samplePrice);
          trainingNanos += nanos;
          Life life = new Life(from, request, request - first, 0, -1);
          policy.sampled(new Served(life, new Phases(0, nanos), false));
        }
        Life life = new Life(from, request, request - first, 0, -1);
        TrainingStep step = policy.trained(life, simulation.pool().views());
        if (step instanceof TrainingStep.GoOn further) {
          target = further.toRequest();
          continue;
        }
        boolean frozen = step instanceof TrainingStep.Freeze;
        if (frozen) {
          simulation.pool().checkpoint(policy, life);
        }
        trainings.add(first + " to " + request + (frozen ? " frozen" : " left"));
        return;
      }
    }

    Outcome outcome() {
      return simulation.tally().outcome(policy.name());
    }

    /** What callers waited and the host worked, in seconds. */
    double total() {
      return outcome().totalSeconds() + trainingNanos / 1e9;
    }
  }

  private static Function adaptive(Curve curve, double samplePrice) {
    return adaptive(curve, samplePrice, COSTS, Budget.UNLIMITED);
  }

  private static Function adaptive(Curve curve, double price, Costs costs, Budget budget) {
    return new Function(new PolicyChoice("adaptive", Map.of()), costs, curve, price, budget);
  }

  private static Curve curve(LongToDoubleFunction millis) {
    return curve(millis, 1e6);
  }

  private static Curve curve(LongToDoubleFunction millis, double unit) {
    long[] nanos = new long[2_000];
    for (int i = 0; i < nanos.length; i++) {
      nanos[i] = Math.round(unit * millis.applyAsDouble(i + 1));
    }
    return Curve.of("made", nanos);
  }

  private static double falling(long request) {
    return 5 + 100 * Math.exp(-request / 60.0);
  }

  /** Some shape by chance: falling, flat, rising or stepped, with noise and perhaps pauses. */
  private static Curve random(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double level = Math.exp(4 * random.nextDouble());
    double excess = 10 * random.nextDouble() - 1;
    double pace = 2 + 200 * random.nextDouble();
    double noise = 0.3 * random.nextDouble();
    double pauses = random.nextBoolean() ? 0.02 : 0;
    boolean stepped = random.nextBoolean();
    return curve(
        k ->
            level
                * (1 + (stepped ? (k > pace ? 0 : excess) : excess * Math.exp(-k / pace)))
                * Math.exp(noise * random.nextGaussian())
                * (random.nextDouble() < pauses ? 10 : 1));
  }

  @Test
  void training_ofAFallingCurve_isDoneAfterTheFirstCaller() {
    Function function = adaptive(curve(TrainedPolicyTest::falling), 1).serve(5, 1, true);
    long furthest =
        function.simulation.pool().views().stream().mapToLong(s -> s.request()).max().orElse(0);
    assertThat(furthest).as("%s", function.trainings).isGreaterThan(150);
    // The first caller boots, the others start near the bottom.
    double[] ms = new double[5];
    for (int i = 0; i < ms.length; i++) {
      ms[i] = function.simulation.tally().latencies()[i] / 1e6;
    }
    assertThat(ms[0]).isCloseTo(400 + falling(1), within(1.0));
    assertThat(ms[4]).isLessThan(25 + 5 + 10);
  }

  /** Each case may be lucky or not, so all of them count together. */
  @ParameterizedTest
  @CsvSource({"0.3, 0.9, 0.95", "1, 0.97, 1.05"})
  void training_ofAnyCurve_endsAndSavesCallersMoreThanItCosts(
      double price, double callers, double all) {
    double waited = 0;
    double total = 0;
    int cases = 0;
    for (long seed = 1; seed <= 12; seed++) {
      for (int evictEvery : new int[] {1, 4, 20}) {
        Curve curve = random(seed);
        double without = adaptive(curve, price).serve(REQUESTS, evictEvery, false).total();
        Function with = adaptive(curve, price).serve(REQUESTS, evictEvery, true);
        assertThat(with.trainings).hasSizeLessThan(50);
        waited += Math.log(with.outcome().totalSeconds() / without);
        total += Math.log(with.total() / without);
        cases++;
      }
    }
    assertThat(Math.exp(waited / cases)).as("callers and checkpoints").isLessThan(callers);
    assertThat(Math.exp(total / cases)).as("trainings included").isLessThan(all);
  }

  @ParameterizedTest
  @CsvSource({"0.2", "1", "4"})
  void samples_countOnTheScaleOfCallersRequests(double price) {
    Function function = adaptive(curve(TrainedPolicyTest::falling), price).serve(40, 4, true);
    Beliefs beliefs = function.policy.beliefs(function.simulation.pool().views());
    int seen = 0;
    for (Beliefs.CurvePoint point : beliefs.curve()) {
      double middle = falling((point.fromRequest() + point.toRequest()) / 2);
      assertThat(point.meanMs())
          .as("requests %d to %d", point.fromRequest(), point.toRequest())
          .isCloseTo(middle, within(0.25 * middle));
      seen++;
    }
    assertThat(seen).isGreaterThan(10);
  }

  @Test
  void training_ofACheapFlatFunction_isNotWorthIt() {
    Function function = adaptive(curve(k -> 1), 1).serve(REQUESTS, 1, true);
    assertThat(function.trainings).isEmpty();
  }

  @Test
  void decisions_doNotDependOnTheUnit() {
    List<String> millis =
        adaptive(curve(TrainedPolicyTest::falling), 1).serve(200, 4, true).trainings;
    Costs thousandfold = new Costs(400e3, 25e3, 120e3, 50);
    List<String> seconds =
        adaptive(curve(TrainedPolicyTest::falling, 1e9), 1, thousandfold, Budget.UNLIMITED)
            .serve(200, 4, true)
            .trainings;
    assertThat(seconds).isNotEmpty().isEqualTo(millis);
  }

  @Test
  void budget_thatIsSpent_letsNoTrainingFreeze() {
    SimulatedClock clock = new SimulatedClock();
    Budget none = new SharedBudget(clock, 1, 1e12, 1e12).view("f");
    none.checkpointed();
    none.checkpointed();
    Function function = adaptive(curve(TrainedPolicyTest::falling), 1, COSTS, none);
    function.serve(1, 1, false);
    assertThat(function.simulation.pool().views()).isEmpty();
    function.train();
    assertThat(function.trainings).isEmpty();
  }

  @Test
  void fixed_trainsFromTheFurthestToItsRequest() {
    Function function =
        new Function(
            new PolicyChoice("fixed", Map.of("request", 30)),
            COSTS,
            curve(TrainedPolicyTest::falling),
            1,
            Budget.UNLIMITED);
    function.serve(2, 2, true);
    assertThat(function.trainings).containsExactly("2 to 30 frozen");
    function.serve(20, 2, true);
    assertThat(function.trainings).hasSize(1);
  }
}
