package dev.rekindle.orchestrator.policy.baseline;

import dev.rekindle.orchestrator.policy.model.Beliefs;
import dev.rekindle.orchestrator.policy.model.Decision;
import dev.rekindle.orchestrator.policy.model.DecisionLog;
import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.Newest;
import dev.rekindle.orchestrator.policy.model.Policy;
import dev.rekindle.orchestrator.policy.model.PolicyContext;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A policy that notes what it decides, and why. */
abstract class DecidingPolicy implements Policy {
  private final PolicyContext context;
  private final DecisionLog decisions = new DecisionLog();

  DecidingPolicy(PolicyContext context) {
    this.context = context;
  }

  private void note(Decision.Kind kind, @Nullable String snapshot, long request, String reason) {
    decisions.add(new Decision(context.clock().instant(), kind, snapshot, request, reason, 0, 0));
  }

  /** Starts from the snapshot that has most requests behind it; among equals, from the newest. */
  final StartPlan startNewest(List<SnapshotView> ready) {
    SnapshotView newest = Newest.of(ready);
    return newest == null
        ? startCold(StartPlan.COLD, "there is no snapshot")
        : start(newest, StartPlan.restore(newest.id()), "it has most requests behind it");
  }

  final StartPlan startCold(StartPlan plan, String reason) {
    note(Decision.Kind.START, null, 0, reason);
    return plan;
  }

  final StartPlan start(SnapshotView from, StartPlan plan, String reason) {
    note(Decision.Kind.START, from.id(), from.request(), reason);
    return plan;
  }

  /** Answers whether to freeze an instance; yes is noted with its reason. */
  final boolean freeze(boolean wanted, Life life, String reason) {
    if (wanted) {
      note(Decision.Kind.CHECKPOINT, life.snapshot(), life.request(), reason);
    }
    return wanted;
  }

  /** Removes snapshots, and notes why. */
  final List<String> remove(List<String> ids, List<SnapshotView> ready, String reason) {
    if (!ids.isEmpty()) {
      for (SnapshotView each : ready) {
        if (ids.contains(each.id())) {
          note(Decision.Kind.PRUNE, each.id(), each.request(), reason);
        }
      }
    }
    return ids;
  }

  /** Its last decisions, newest first. */
  final List<Decision> decisions() {
    return decisions.list();
  }

  @Override
  public Beliefs beliefs(List<SnapshotView> ready) {
    List<Beliefs.Candidate> pool = new ArrayList<>();
    ready.forEach(
        each -> pool.add(new Beliefs.Candidate(each.id(), each.request(), Double.NaN, 0)));
    pool.sort(Comparator.comparingLong(Beliefs.Candidate::request).reversed());
    pool.add(new Beliefs.Candidate(null, 0, Double.NaN, 0));
    return new Beliefs(List.of(), pool, decisions.list(), Map.of());
  }
}
