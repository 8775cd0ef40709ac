package dev.rekindle.orchestrator.simulator;

import dev.rekindle.orchestrator.policy.model.Budget;
import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.Phases;
import dev.rekindle.orchestrator.policy.model.Policy;
import dev.rekindle.orchestrator.policy.model.Served;
import dev.rekindle.orchestrator.policy.model.Start;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import dev.rekindle.orchestrator.policy.model.Started;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One function whose requests come one after the other and whose instances are evicted after a
 * number of them.
 */
final class CurveSimulation {
  private final Policy policy;
  private final Costs costs;
  private final RandomGenerator random;
  private final SimulatedClock clock;
  private final Tally tally;
  private final SnapshotPool pool;
  private Weather.@Nullable Course weather;
  private int left;

  CurveSimulation(
      Policy policy,
      Costs costs,
      RandomGenerator random,
      SimulatedClock clock,
      Budget budget,
      int requests) {
    this.policy = policy;
    this.costs = costs;
    this.random = random;
    this.clock = clock;
    this.tally = new Tally(requests);
    this.pool = new SnapshotPool(costs, tally, clock, budget);
    this.left = requests;
  }

  /**
   * Serves some of the requests; may be called again with another curve; the first one's weather
   * stays.
   */
  void serve(Curve curve, int requests, int evictEvery) {
    weather = weather == null ? curve.weather().begin(random) : weather;
    int until = left - Math.min(left, requests);
    while (left > until) {
      live(curve, weather, Math.min(evictEvery, left - until));
    }
  }

  Tally tally() {
    return tally;
  }

  /** The function's snapshots. */
  SnapshotPool pool() {
    return pool;
  }

  private void live(Curve curve, Weather.Course weather, int requests) {
    policy.arrived(0);
    pool.prune(policy);
    StartPlan plan = policy.start(pool.views());
    @Nullable String snapshot = null;
    long request = 0;
    long startNanos = costs.coldNanos();
    if (plan.start() instanceof Start.Restore restore) {
      snapshot = restore.snapshotId();
      request = pool.get(snapshot).request();
      startNanos = costs.restoreNanos();
      tally.restore(costs.snapshotBytes());
    } else {
      tally.coldStart();
    }
    clock.advance(startNanos);
    policy.started(new Started(snapshot, startNanos, 0));
    Life life = new Life(snapshot, request, 0, 0, plan.checkpointAt());
    if (snapshot == null && policy.checkpoint(life, pool.views())) {
      pool.checkpoint(policy, life);
    }
    for (int i = 1; i <= requests; i++) {
      if (i > 1) {
        policy.arrived(0);
      }
      long nanos =
          Math.round(curve.at(request + i, random) * weather.next(snapshot == null ? 0 : i));
      clock.advance(nanos);
      left--;
      life = new Life(snapshot, request + i, i, 0, plan.checkpointAt());
      Phases phases = new Phases(i == 1 ? startNanos : 0, nanos);
      tally.latency(phases.totalNanos());
      policy.served(new Served(life, phases, false));
      if (policy.checkpoint(life, pool.views())) {
        pool.checkpoint(policy, life);
      }
    }
    if (policy.checkpointAtEviction(life, pool.views())) {
      pool.checkpoint(policy, life);
    }
    policy.ended(life);
  }
}
