package dev.rekindle.orchestrator;

import dev.rekindle.orchestrator.config.BudgetConfig;
import dev.rekindle.orchestrator.config.TierConfig;
import dev.rekindle.orchestrator.node.Admission;
import dev.rekindle.orchestrator.node.Capacity;
import dev.rekindle.orchestrator.node.Metrics;
import dev.rekindle.orchestrator.policy.model.SharedBudget;
import dev.rekindle.orchestrator.pool.FunctionRegistry;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.tier.TieredSnapshotStore;

/**
 * The numbers of the whole service that are read when a scrape asks for them.
 *
 * @param metrics where they are published
 */
record ServiceGauges(Metrics metrics) {

  /** What all functions together may spend, and have spent. */
  void budget(SharedBudget budget, BudgetConfig limits) {
    metrics.gauge("budget.checkpoints.hour", budget::checkpointsLastHour);
    metrics.gauge("budget.checkpoints.hour.limit", limits::checkpointsPerHour);
    metrics.gauge("budget.stored.bytes", budget::storedBytes);
    metrics.gauge("budget.stored.limit.bytes", limits::storedBytes);
    metrics.gauge("budget.memory.bytes", budget::memoryBytes);
    metrics.gauge("budget.memory.limit.bytes", limits::memoryBytes);
    metrics.gauge("budget.memory.price", budget::price);
    metrics.gauge("budget.checkpoints.refused", budget::refusals);
  }

  /** Instances, and requests that run or wait. */
  void requests(Capacity capacity, Admission admission, FunctionRegistry functions) {
    metrics.gauge("instances", capacity::used);
    metrics.gauge("invocations.running", admission::running);
    metrics.gauge(
        "invocations.waiting",
        () -> functions.all().stream().mapToInt(r -> r.pool().waiting()).sum());
  }

  /** What snapshots take, and what is on its way to or from the shared store. */
  void store(TieredSnapshotStore store, TierConfig tiers) {
    metrics.gauge(
        "store.bytes",
        () -> {
          try {
            return store.bytesStored();
          } catch (StoreException e) {
            return Double.NaN;
          }
        });
    metrics.gauge("store.local.bytes", store::localBytes);
    metrics.gauge("store.local.limit.bytes", () -> (long) tiers.localMb() << 20);
    metrics.gauge("store.fetched.bytes", store::bytesFetched);
    metrics.gauge("store.tasks.waiting", store::tasksWaiting);
  }
}
