package dev.rekindle.orchestrator.policy.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds snapshots by the requests they have behind them. */
public final class Progress {
  private Progress() {}

  /** The snapshot with most requests behind it; null if there is none. */
  public static @Nullable SnapshotView furthest(List<SnapshotView> snapshots) {
    return nearest(Long.MAX_VALUE, snapshots);
  }

  /** The snapshot with most requests behind it that has not passed a number. */
  public static @Nullable SnapshotView nearest(long target, List<SnapshotView> snapshots) {
    SnapshotView found = null;
    for (SnapshotView each : snapshots) {
      if (each.request() <= target && (found == null || each.request() > found.request())) {
        found = each;
      }
    }
    return found;
  }

  /** Whether there is a snapshot with so many requests behind it. */
  public static boolean exists(long request, List<SnapshotView> snapshots) {
    for (SnapshotView each : snapshots) {
      if (each.request() == request) {
        return true;
      }
    }
    return false;
  }
}
