package dev.rekindle.orchestrator.simulator;

import dev.rekindle.api.StartKind;
import dev.rekindle.orchestrator.policy.model.Budget;
import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.Phases;
import dev.rekindle.orchestrator.policy.model.Policy;
import dev.rekindle.orchestrator.policy.model.ReadinessWish;
import dev.rekindle.orchestrator.policy.model.Served;
import dev.rekindle.orchestrator.policy.model.Start;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import dev.rekindle.orchestrator.policy.model.Started;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One function whose requests come at given times. A request that finds no free instance starts
 * one; an instance that was idle for long is evicted; standby instances are restored beside the
 * requests' path.
 */
final class ArrivalSimulation {
  private final Policy policy;
  private final Curve curve;
  private final Weather.Course weather;
  private final Costs costs;
  private final RandomGenerator random;
  private final SimulatedClock clock;
  private final long idleNanos;
  private final long longestIdleNanos;
  private final Tally tally;
  private final SnapshotPool pool;
  private final Deque<Instance> free = new ArrayDeque<>(); // by the time they became free
  private final PriorityQueue<Instance> busy =
      new PriorityQueue<>(Comparator.comparingLong(i -> i.until));
  private double idleSeconds;
  private final Map<StartKind, Long> kinds = new EnumMap<>(StartKind.class);

  private static final class Instance {
    final @Nullable String snapshot;
    final long checkpointAt;
    long request;
    long served;
    long until; // when its request ends, or since when it is free
    long handlerNanos;
    long waitedNanos;

    Instance(@Nullable String snapshot, long request, long checkpointAt) {
      this.snapshot = snapshot;
      this.request = request;
      this.checkpointAt = checkpointAt;
    }

    Life life() {
      return new Life(snapshot, request, served, 0, checkpointAt);
    }
  }

  /**
   * Makes a simulation.
   *
   * @param budget counts its checkpoints
   * @param idleNanos how long an idle instance lives where the policy has no wish
   * @param longestIdleNanos how long it lives at most, whatever the policy wishes
   * @param requests how many requests will come at most
   */
  ArrivalSimulation(
      Policy policy,
      Curve curve,
      Costs costs,
      RandomGenerator random,
      SimulatedClock clock,
      Budget budget,
      long idleNanos,
      long longestIdleNanos,
      int requests) {
    this.policy = policy;
    this.curve = curve;
    this.weather = curve.weather().begin(random);
    this.costs = costs;
    this.random = random;
    this.clock = clock;
    this.idleNanos = idleNanos;
    this.longestIdleNanos = longestIdleNanos;
    this.tally = new Tally(requests);
    this.pool = new SnapshotPool(costs, tally, clock, budget);
  }

  /** Serves some of these requests. */
  void serve(Arrivals arrivals, int from, int to) {
    for (int i = from; i < to; i++) {
      settle(arrivals.at(i));
      clock.moveTo(arrivals.at(i));
      policy.arrived(busy.size());
      Instance instance = free.pollLast();
      long waited = 0;
      if (instance == null) {
        instance = start();
        waited = instance.until - arrivals.at(i);
        kinds.merge(instance.snapshot == null ? StartKind.COLD : StartKind.RESTORED, 1L, Long::sum);
      } else {
        kinds.merge(instance.served == 0 ? StartKind.STANDBY : StartKind.WARM, 1L, Long::sum);
        idleSeconds += Math.max(0, arrivals.at(i) - instance.until) / 1e9;
      }
      instance.waitedNanos = waited;
      instance.request++;
      instance.served++;
      instance.handlerNanos =
          Math.round(
              curve.at(instance.request, random)
                  * weather.next(instance.snapshot == null ? 0 : instance.served));
      instance.until = arrivals.at(i) + waited + instance.handlerNanos;
      tally.latency(waited + instance.handlerNanos);
      busy.add(instance);
      replenish(arrivals.at(i));
    }
  }

  /** Lets all end that would end by then. */
  void finish(long end) {
    settle(end);
    free.forEach(each -> idleSeconds += Math.max(0, end - each.until) / 1e9);
  }

  Tally tally() {
    return tally;
  }

  /** How long instances were there and served nobody, all added up. */
  double idleSeconds() {
    return idleSeconds;
  }

  /** How many requests found their instance this way. */
  long count(StartKind kind) {
    return kinds.getOrDefault(kind, 0L);
  }

  /**
   * Counts kinds and idle time anew from here on: what came before was the way to a steady state.
   */
  void forgetCounts() {
    kinds.clear();
    idleSeconds = 0;
  }

  private void settle(long now) {
    while (!busy.isEmpty() && busy.peek().until <= now) {
      Instance done = busy.poll();
      evictIdle(done.until);
      clock.moveTo(done.until);
      policy.served(
          new Served(done.life(), new Phases(done.waitedNanos, done.handlerNanos), false));
      if (policy.checkpoint(done.life(), pool.views())) {
        pool.checkpoint(policy, done.life());
        done.until += costs.checkpointNanos();
        done.handlerNanos = 0;
      }
      free.addLast(done);
    }
    evictIdle(now);
  }

  private void evictIdle(long now) {
    long idle =
        Math.min(
            longestIdleNanos, policy.readiness().idle().map(d -> d.toNanos()).orElse(idleNanos));
    while (!free.isEmpty() && free.peekFirst().until + idle <= now) {
      Instance old = free.pollFirst();
      long end = old.until + idle;
      clock.moveTo(end);
      if (old.served > 0 && policy.checkpointAtEviction(old.life(), pool.views())) {
        pool.checkpoint(policy, old.life());
      }
      policy.ended(old.life());
      idleSeconds += idle / 1e9;
    }
  }

  /** Starts an instance; its {@code until} says when it is ready. */
  private Instance start() {
    pool.prune(policy);
    StartPlan plan = policy.start(pool.views());
    long now = clock.nanos();
    if (plan.start() instanceof Start.Restore restore) {
      tally.restore(costs.snapshotBytes());
      policy.started(new Started(restore.snapshotId(), costs.restoreNanos(), 0));
      long request = pool.get(restore.snapshotId()).request();
      Instance restored = new Instance(restore.snapshotId(), request, plan.checkpointAt());
      restored.until = now + costs.restoreNanos();
      return restored;
    }
    tally.coldStart();
    policy.started(new Started(null, costs.coldNanos(), 0));
    Instance booted = new Instance(null, 0, plan.checkpointAt());
    booted.until = now + costs.coldNanos();
    if (policy.checkpoint(booted.life(), pool.views())) {
      pool.checkpoint(policy, booted.life());
    }
    return booted;
  }

  /** Standby instances come up while the request is served; none without a snapshot. */
  private void replenish(long now) {
    ReadinessWish wish = policy.readiness();
    if (pool.views().isEmpty() || (wish.standby() == 0 && wish.instances() == 0)) {
      return;
    }
    long fresh = free.stream().filter(each -> each.served == 0).count();
    long all = free.size() + (long) busy.size();
    long missing = Math.max(wish.standby() - fresh, wish.instances() - all);
    for (; missing > 0; missing--) {
      Instance standby = start();
      standby.until = Math.max(now, standby.until);
      free.addFirst(standby);
    }
  }
}
