package dev.rekindle.orchestrator.policy.shadow;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rekindle.orchestrator.policy.model.PolicyStateException;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.StateJson;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The snapshots that a policy in the shadow would have made. */
final class VirtualSnapshots {
  /** More than a real store keeps of a function; beyond, the oldest goes. */
  private static final int MOST = 256;

  private static final long LATEST_MS = 1_000_000_000_000_000L;

  private final Map<String, SnapshotView> snapshots = new LinkedHashMap<>();
  private List<SnapshotView> views = List.of();
  private long made;

  List<SnapshotView> views() {
    return views;
  }

  @Nullable SnapshotView find(String id) {
    return snapshots.get(id);
  }

  SnapshotView make(long request, Instant now, long bytes) {
    SnapshotView view = new SnapshotView("virtual-" + ++made, request, true, now, bytes);
    snapshots.put(view.id(), view);
    if (snapshots.size() > MOST) {
      snapshots.remove(snapshots.keySet().iterator().next());
    }
    views = List.copyOf(snapshots.values());
    return view;
  }

  void remove(Collection<String> ids) {
    if (!ids.isEmpty()) {
      snapshots.keySet().removeAll(ids);
      views = List.copyOf(snapshots.values());
    }
  }

  ObjectNode write() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    long[] numbers = new long[views.size()];
    long[] requests = new long[views.size()];
    long[] createdMs = new long[views.size()];
    long[] bytes = new long[views.size()];
    for (int i = 0; i < views.size(); i++) {
      SnapshotView each = views.get(i);
      numbers[i] = Long.parseLong(each.id().substring(each.id().indexOf('-') + 1));
      requests[i] = each.request();
      createdMs[i] = each.createdAt().toEpochMilli();
      bytes[i] = each.bytes();
    }
    node.set("numbers", StateJson.write(numbers));
    node.set("requests", StateJson.write(requests));
    node.set("createdMs", StateJson.write(createdMs));
    node.set("bytes", StateJson.write(bytes));
    return node;
  }

  /**
   * What was kept.
   *
   * @throws PolicyStateException if it is damaged
   */
  static VirtualSnapshots read(StateJson json) {
    VirtualSnapshots pool = new VirtualSnapshots();
    long[] numbers = json.wholes("numbers");
    long[] requests = json.wholes("requests", numbers.length);
    long[] createdMs = json.wholes("createdMs", numbers.length);
    long[] bytes = json.wholes("bytes", numbers.length);
    for (int i = 0; i < Math.min(MOST, numbers.length); i++) {
      String id = "virtual-" + numbers[i];
      Instant created = Instant.ofEpochMilli(Math.min(createdMs[i], LATEST_MS));
      pool.snapshots.put(id, new SnapshotView(id, requests[i], true, created, bytes[i]));
      pool.made = Math.max(pool.made, numbers[i]);
    }
    pool.views = List.copyOf(pool.snapshots.values());
    return pool;
  }
}
