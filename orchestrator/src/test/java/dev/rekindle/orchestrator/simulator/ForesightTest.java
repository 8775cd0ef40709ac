package dev.rekindle.orchestrator.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.api.PolicyChoice;
import dev.rekindle.orchestrator.policy.Policies;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is computed of the best fixed choice, held against simulations of all of them. */
class ForesightTest {
  private static final Costs COSTS = new Costs(120, 9, 40, 60);

  private static double fixed(Curve curve, Costs costs, int requests, int life, long request) {
    return new Experiment(curve, costs, requests, life, Arrivals.ONE_AFTER_THE_OTHER, 0)
        .run(new Policies(), new PolicyChoice("fixed", Map.of("request", request)), 1)
        .totalSeconds();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void bestFixed_isTheBestOfAllSimulatedOnes(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int requests = random.nextInt(60, 140);
    Curve whole = MadeUpCurves.make(MadeUpCurves.Shape.STEPS, seed);
    long[] nanos = new long[requests * 2]; // longer than any life: nothing is left to chance
    Arrays.setAll(nanos, i -> i < whole.length() ? whole.at(i + 1, random) : 5_000_000);
    Curve curve = Curve.of("known", nanos);
    for (int life : new int[] {1, 3, 4, 20}) {
      double best = Double.POSITIVE_INFINITY;
      for (int request = 0; request <= requests; request++) {
        best = Math.min(best, fixed(curve, COSTS, requests, life, request));
      }
      Foresight foresight = new Foresight(curve, COSTS, requests, life);
      assertThat(fixed(curve, COSTS, requests, life, foresight.bestFixed())).isEqualTo(best);
      assertThat(foresight.leastPossible() / 1e9).isLessThanOrEqualTo(best * (1 + 1e-9));
    }
  }

  @Test
  void farFall_atDearCheckpoints_needsForesight() {
    Curve late = falling(2_000, 200);
    assertThat(nearFixed(late, 200)).isTrue(); // 200 checkpoints on the chance that it falls
    Curve soon = falling(2_000, 5);
    assertThat(nearFixed(soon, 200)).isFalse();
    Curve cheap = falling(2_000, 200);
    assertThat(nearFixed(cheap, 0.01)).isFalse();
  }

  @Test
  void flatCurve_needsNoForesight() {
    assertThat(nearFixed(falling(2_000, 2_000), 200)).isFalse();
  }

  private static Curve falling(int length, int at) {
    long[] nanos = new long[length];
    Arrays.setAll(nanos, i -> i < at ? 40_000_000 : 8_000_000);
    return Curve.of("falls at " + at, nanos);
  }

  private static boolean nearFixed(Curve curve, double checkpointMs) {
    Costs costs = new Costs(400, 20, checkpointMs, 60);
    Foresight foresight = new Foresight(curve, costs, 5_000, 1);
    double best = fixed(curve, costs, 5_000, 1, foresight.bestFixed()) * 1e9;
    return foresight.needsForesight(1.05 * best, 1.05, -1);
  }
}
