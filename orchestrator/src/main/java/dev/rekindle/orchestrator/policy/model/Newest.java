package dev.rekindle.orchestrator.policy.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The snapshot that has most requests behind it; among equals, the newest. */
public final class Newest {
  private Newest() {}

  /** The newest of these; null if there is none. */
  public static @Nullable SnapshotView of(List<SnapshotView> ready) {
    SnapshotView best = null;
    for (SnapshotView each : ready) {
      if (best == null
          || each.request() > best.request()
          || (each.request() == best.request() && each.createdAt().isAfter(best.createdAt()))) {
        best = each;
      }
    }
    return best;
  }

  /** All others. */
  public static List<String> othersOf(List<SnapshotView> ready) {
    SnapshotView kept = of(ready);
    if (kept == null || ready.size() < 2) {
      return List.of();
    }
    return ready.stream().map(SnapshotView::id).filter(id -> !id.equals(kept.id())).toList();
  }
}
