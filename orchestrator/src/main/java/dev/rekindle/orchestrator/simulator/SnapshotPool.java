package dev.rekindle.orchestrator.simulator;

import dev.rekindle.orchestrator.policy.model.Budget;
import dev.rekindle.orchestrator.policy.model.Checkpointed;
import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.Policy;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The snapshots of a simulated function. */
final class SnapshotPool {
  private final Costs costs;
  private final Tally tally;
  private final SimulatedClock clock;
  private final Budget budget;
  private final Map<String, SnapshotView> snapshots = new LinkedHashMap<>();
  private List<SnapshotView> views = List.of();
  private long made;

  SnapshotPool(Costs costs, Tally tally, SimulatedClock clock, Budget budget) {
    this.costs = costs;
    this.tally = tally;
    this.clock = clock;
    this.budget = budget;
  }

  List<SnapshotView> views() {
    return views;
  }

  SnapshotView get(String id) {
    SnapshotView found = snapshots.get(id);
    if (found == null) {
      throw new IllegalStateException("the policy named snapshot " + id + ", which is not there");
    }
    return found;
  }

  /** Freezes an instance, tells its policy, and removes what that wants removed. */
  void checkpoint(Policy policy, Life life) {
    String id = "s" + ++made;
    long nanos = costs.checkpointNanos();
    long bytes = costs.snapshotBytes();
    tally.checkpoint(nanos, bytes);
    snapshots.put(id, new SnapshotView(id, life.request(), true, clock.instant(), bytes));
    views = List.copyOf(snapshots.values());
    budget.checkpointed();
    policy.checkpointed(new Checkpointed(id, life.request(), nanos, bytes));
    prune(policy);
  }

  void prune(Policy policy) {
    List<String> unwanted = new ArrayList<>(policy.prune(views));
    for (String id : unwanted) {
      tally.removed(get(id).bytes());
      snapshots.remove(id);
    }
    if (!unwanted.isEmpty()) {
      views = List.copyOf(snapshots.values());
    }
  }
}
