package dev.rekindle.orchestrator.simulator;

import dev.rekindle.api.PolicyChoice;
import dev.rekindle.orchestrator.policy.Policies;
import dev.rekindle.orchestrator.policy.model.Budget;
import dev.rekindle.orchestrator.policy.model.Policy;
import dev.rekindle.orchestrator.policy.model.PolicyContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * A curve, costs and a pattern of requests that policies are tried on.
 *
 * @param curve the latencies
 * @param costs what starts and checkpoints cost
 * @param requests how many requests come
 * @param evictEvery after how many requests an instance is evicted; not used with arrivals
 * @param arrivals when requests come
 * @param idleNanos how long an idle instance lives, with arrivals
 */
record Experiment(
    Curve curve, Costs costs, int requests, int evictEvery, Arrivals arrivals, long idleNanos) {
  private static final String PRONGHORN = "request-centric";
  private static final String LIFE = "requestsPerInstance";

  /**
   * Several runs of one policy.
   *
   * @param median the median of each number
   * @param lowTotalSeconds the quarter of runs with the least total stays below
   * @param highTotalSeconds the quarter of runs with the greatest total stays above
   */
  record Summary(Outcome median, double lowTotalSeconds, double highTotalSeconds) {}

  /** Runs a policy with seeds from the given one on. */
  Summary runs(Policies policies, PolicyChoice choice, long seed, int runs) {
    List<Outcome> outcomes =
        IntStream.range(0, runs).mapToObj(i -> run(policies, choice, seed + i)).toList();
    Outcome median =
        new Outcome(
            choice.name(),
            middle(outcomes, Outcome::medianMs),
            middle(outcomes, Outcome::meanMs),
            middle(outcomes, Outcome::p99Ms),
            middle(outcomes, Outcome::totalSeconds),
            Math.round(middle(outcomes, Outcome::checkpoints)),
            Math.round(middle(outcomes, Outcome::restores)),
            Math.round(middle(outcomes, Outcome::coldStarts)),
            middle(outcomes, Outcome::storedMb),
            middle(outcomes, Outcome::movedMb));
    double[] totals = outcomes.stream().mapToDouble(Outcome::totalSeconds).sorted().toArray();
    return new Summary(
        median,
        totals[(totals.length - 1) / 4],
        totals[totals.length - 1 - (totals.length - 1) / 4]);
  }

  private static double middle(List<Outcome> outcomes, ToDoubleFunction<Outcome> number) {
    double[] sorted = outcomes.stream().mapToDouble(number).sorted().toArray();
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /** The same with a curve that might have been recorded instead. */
  Experiment resampled(long seed) {
    return new Experiment(
        curve.resampled(new SplittableRandom(seed)),
        costs,
        requests,
        evictEvery,
        arrivals,
        idleNanos);
  }

  /** Runs a policy once. */
  Outcome run(Policies policies, PolicyChoice choice, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    SimulatedClock clock = new SimulatedClock();
    Policy policy =
        policies.make(
            told(choice), new PolicyContext(curve.name(), clock, random.split(), Budget.UNLIMITED));
    if (arrivals.isEmpty()) {
      CurveSimulation simulation =
          new CurveSimulation(policy, costs, random, clock, Budget.UNLIMITED, requests);
      simulation.serve(curve, requests, evictEvery);
      return simulation.tally().outcome(choice.name());
    }
    int count = Math.min(requests, arrivals.size());
    ArrivalSimulation simulation =
        new ArrivalSimulation(
            policy,
            curve,
            costs,
            random,
            clock,
            Budget.UNLIMITED,
            idleNanos,
            Long.MAX_VALUE / 2,
            count);
    simulation.serve(arrivals, 0, count);
    return simulation.tally().outcome(choice.name());
  }

  /** Pronghorn is told how long its workers live; here that is known. */
  private PolicyChoice told(PolicyChoice choice) {
    if (!choice.name().equals(PRONGHORN)
        || !arrivals.isEmpty()
        || choice.parameters().containsKey(LIFE)) {
      return choice;
    }
    Map<String, Object> parameters = new LinkedHashMap<>(choice.parameters());
    parameters.put(LIFE, (long) Math.min(evictEvery, 100_000));
    return new PolicyChoice(choice.name(), parameters);
  }
}
