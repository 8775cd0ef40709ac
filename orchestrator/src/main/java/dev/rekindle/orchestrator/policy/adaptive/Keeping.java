package dev.rekindle.orchestrator.policy.adaptive;

import dev.rekindle.orchestrator.policy.model.Progress;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which snapshots {@link AdaptivePolicy} keeps.
 *
 * @param atWork whether more are to be made from them
 * @param storageIsShort whether other functions need the room more
 * @param target the request number of a planned snapshot, or {@link StartPlan#NO_CHECKPOINT}
 * @param most how many are kept while at work
 */
record Keeping(boolean atWork, boolean storageIsShort, long target, int most) {
  /** The best, and another in case that fails or a longer look pays one day. */
  private static final int SETTLED = 2;

  /** The ids of snapshots to remove; lives from the others cost least. */
  List<String> toRemove(List<SnapshotView> ready, Agenda.Maker maker) {
    boolean roomy = atWork && !storageIsShort;
    int kept = roomy ? most : storageIsShort ? 1 : SETTLED;
    if (ready.size() <= kept) {
      return List.of();
    }
    Set<String> ids = new HashSet<>();
    SnapshotView furthest = Progress.furthest(ready);
    if (furthest != null && roomy) {
      ids.add(furthest.id());
    }
    SnapshotView nearest = Progress.nearest(target, ready);
    if (nearest != null && !storageIsShort) {
      ids.add(nearest.id()); // a planned one is made from it
    }
    List<SnapshotView> ranked = new ArrayList<>(ready);
    ranked.sort(Comparator.comparingDouble(maker::life));
    for (SnapshotView each : ranked) {
      if (ids.size() < kept) {
        ids.add(each.id());
      }
    }
    return ready.stream().map(SnapshotView::id).filter(id -> !ids.contains(id)).toList();
  }
}
