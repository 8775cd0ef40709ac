package dev.rekindle.orchestrator.simulator;

import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.StartKind;
import dev.rekindle.orchestrator.policy.Policies;
import dev.rekindle.orchestrator.policy.model.Budget;
import dev.rekindle.orchestrator.policy.model.Policy;
import dev.rekindle.orchestrator.policy.model.PolicyContext;
import dev.rekindle.orchestrator.policy.model.SharedBudget;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Tries policies on a whole fleet. Functions are simulated one by one. What they share is memory:
 * all instances' idle time is cut to the longest that lets the mean memory of idle ones fit, which
 * is what evicting the longest idle comes to in a large fleet (the characteristic time of Che et
 * al., "Hierarchical Web caching systems", JSAC 2002); and storage: policies ask one budget.
 */
final class FleetSimulation {
  private static final double CHECKPOINTS_PER_HOUR = 1e6;
  private static final long USUAL_IDLE_NANOS = 600_000_000_000L; // ten minutes, as most platforms
  private static final double LONGEST_IDLE_SECONDS = 14 * 86_400.0;
  private static final double SHORTEST_IDLE_SECONDS = 0.001;
  private static final int HALVINGS = 8;

  private final FleetOptions.Settings settings;
  private final Policies policies;
  private final List<FleetFunction> fleet;

  FleetSimulation(FleetOptions.Settings settings, Policies policies) {
    this.settings = settings;
    this.policies = policies;
    this.fleet = Fleet.make(settings.functions(), settings.seed());
  }

  FleetReport run(List<PolicyChoice> choices) {
    List<FleetReport.Row> rows = new ArrayList<>();
    choices.forEach(choice -> rows.add(withinMemory(choice)));
    return new FleetReport(
        fleet.size(),
        Fleet.HOURS,
        settings.memoryBytes() / 1e9,
        settings.storageBytes() / 1e9,
        FleetCheck.of(fleet),
        rows);
  }

  /** Finds the longest idle time with which the memory suffices, by bisection of its logarithm. */
  private FleetReport.Row withinMemory(PolicyChoice choice) {
    FleetReport.Row best = run(choice, LONGEST_IDLE_SECONDS);
    if (fits(best)) {
      return best;
    }
    double low = Math.log(SHORTEST_IDLE_SECONDS);
    double high = Math.log(LONGEST_IDLE_SECONDS);
    best = run(choice, Math.exp(low));
    for (int i = 0; i < HALVINGS && fits(best); i++) {
      double middle = (low + high) / 2;
      FleetReport.Row row = run(choice, Math.exp(middle));
      if (fits(row)) {
        best = row;
        low = middle;
      } else {
        high = middle;
      }
    }
    return best;
  }

  private boolean fits(FleetReport.Row row) {
    return row.memoryGbMean() <= settings.memoryBytes() / 1e9;
  }

  private FleetReport.Row run(PolicyChoice choice, double longestIdleSeconds) {
    SimulatedClock budgetClock = new SimulatedClock();
    SharedBudget budget =
        new SharedBudget(
            budgetClock, CHECKPOINTS_PER_HOUR, settings.storageBytes(), settings.memoryBytes());
    WeightedHistogram latencies = new WeightedHistogram();
    Map<StartKind, Double> starts = new EnumMap<>(StartKind.class);
    double all = 0;
    double typicalCold = 0;
    double startWaitMs = 0;
    double memoryBytes = 0;
    double stored = 0;
    for (int i = 0; i < fleet.size(); i++) {
      FleetFunction function = fleet.get(i);
      SplittableRandom random = new SplittableRandom(settings.seed() * 31 + i);
      SimulatedClock clock = new SimulatedClock();
      Budget view = budget.view(function.name());
      Policy policy =
          policies.make(choice, new PolicyContext(function.name(), clock, random.split(), view));
      int count = function.arrivals().size();
      ArrivalSimulation simulation =
          new ArrivalSimulation(
              policy,
              function.curve(),
              function.costs(),
              random,
              clock,
              view,
              USUAL_IDLE_NANOS,
              Math.round(longestIdleSeconds * 1e9),
              count);
      simulation.serve(function.arrivals(), 0, function.settled());
      simulation.forgetCounts();
      simulation.serve(function.arrivals(), function.settled(), count);
      simulation.finish(function.endNanos());
      long[] waits = simulation.tally().latencies();
      for (int k = function.settled(); k < count; k++) {
        latencies.add(waits[k], function.weight());
      }
      for (StartKind kind : StartKind.values()) {
        double requests = function.weight() * simulation.count(kind);
        starts.merge(kind, requests, Double::sum);
        all += requests;
      }
      double counted = count - function.settled();
      double cold = simulation.count(StartKind.COLD) / counted;
      double restored = simulation.count(StartKind.RESTORED) / counted;
      typicalCold += cold / fleet.size();
      startWaitMs +=
          (cold * function.costs().coldMs() + restored * function.costs().restoreMs())
              / fleet.size();
      memoryBytes +=
          simulation.idleSeconds() / function.countedSeconds() * function.memoryMb() * 1e6;
      stored += simulation.tally().storedBytes();
      budget.stored(stored);
    }
    return new FleetReport.Row(
        choice.name(),
        100 * starts.getOrDefault(StartKind.COLD, 0.0) / all,
        100 * starts.getOrDefault(StartKind.RESTORED, 0.0) / all,
        100 * starts.getOrDefault(StartKind.STANDBY, 0.0) / all,
        100 * starts.getOrDefault(StartKind.WARM, 0.0) / all,
        100 * typicalCold,
        latencies.percentileMs(0.5),
        latencies.percentileMs(0.99),
        startWaitMs,
        memoryBytes / 1e9,
        memoryBytes / 1e9 * Fleet.HOURS,
        stored / 1e9,
        longestIdleSeconds);
  }
}
