package dev.rekindle.orchestrator.policy;

import java.util.List;

/** Starts from the snapshot that has most requests behind it; among equals, from the newest. */
final class Newest {
  private Newest() {}

  static StartPlan start(List<SnapshotView> ready) {
    SnapshotView best = null;
    for (SnapshotView each : ready) {
      if (best == null
          || each.request() > best.request()
          || (each.request() == best.request() && each.createdAt().isAfter(best.createdAt()))) {
        best = each;
      }
    }
    return best == null ? StartPlan.COLD : StartPlan.restore(best.id());
  }

  /** All but the snapshot that {@link #start} takes. */
  static List<String> othersOf(List<SnapshotView> ready) {
    if (ready.size() < 2 || !(start(ready).start() instanceof Start.Restore kept)) {
      return List.of();
    }
    return ready.stream()
        .map(SnapshotView::id)
        .filter(id -> !id.equals(kept.snapshotId()))
        .toList();
  }
}
