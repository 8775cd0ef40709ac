package dev.rekindle.orchestrator;

import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.api.SnapshotState;
import dev.rekindle.orchestrator.policy.SnapshotView;
import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.SnapshotStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the service knows of each snapshot. Lives on the service's event loop. */
final class SnapshotCatalog {
  /** A snapshot that failed so often is taken out of use. */
  static final int MAX_RESTORE_FAILURES = 3;

  static final String LABEL_FUNCTION = "function";
  static final String LABEL_VERSION = "version";
  static final String LABEL_REQUEST = "request";
  static final String LABEL_PAUSE_MS = "pauseMs";

  private static final class Entry {
    final String function;
    final int version;
    final long request;
    SnapshotState state;
    Instant createdAt;
    long bytes;
    double pauseMs;
    long restores;
    long failures;
    int failuresInARow;

    Entry(String function, int version, long request, SnapshotState state, Instant createdAt) {
      this.function = function;
      this.version = version;
      this.request = request;
      this.state = state;
      this.createdAt = createdAt;
    }
  }

  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /** Takes in what a store holds. Called once, at the start. */
  static SnapshotCatalog of(SnapshotStore store) {
    SnapshotCatalog catalog = new SnapshotCatalog();
    store.list().forEach(catalog::ready);
    return catalog;
  }

  /** A snapshot is being made. */
  void creating(String id, DeployedFunction function, long request, Instant now) {
    entries.put(
        id, new Entry(function.name(), function.version(), request, SnapshotState.CREATING, now));
  }

  /** A snapshot was made, or found. */
  void ready(SnapshotManifest manifest) {
    Entry entry =
        new Entry(
            manifest.labels().getOrDefault(LABEL_FUNCTION, ""),
            Integer.parseInt(manifest.labels().getOrDefault(LABEL_VERSION, "0")),
            Long.parseLong(manifest.labels().getOrDefault(LABEL_REQUEST, "0")),
            SnapshotState.READY,
            manifest.createdAt());
    entry.bytes = manifest.bytes();
    entry.pauseMs = Double.parseDouble(manifest.labels().getOrDefault(LABEL_PAUSE_MS, "0"));
    entries.put(manifest.id(), entry);
  }

  /** A snapshot is gone, or was not made after all. */
  void remove(String id) {
    entries.remove(id);
  }

  /** A restore worked. */
  void restored(String id) {
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.restores++;
      entry.failuresInARow = 0;
    }
  }

  /**
   * A restore failed.
   *
   * @param forGood whether to take the snapshot out of use at once
   * @return whether it is out of use now
   */
  boolean failed(String id, boolean forGood) {
    Entry entry = entries.get(id);
    if (entry == null) {
      return true;
    }
    entry.failures++;
    if (forGood || ++entry.failuresInARow >= MAX_RESTORE_FAILURES) {
      entry.state = SnapshotState.UNUSABLE;
    }
    return entry.state == SnapshotState.UNUSABLE;
  }

  /** What a policy may choose from or look at. */
  List<SnapshotView> views(DeployedFunction function, boolean readyOnly) {
    List<SnapshotView> views = new ArrayList<>();
    entries.forEach(
        (id, e) -> {
          boolean ready = e.state == SnapshotState.READY;
          if (e.function.equals(function.name())
              && e.version == function.version()
              && (ready || (!readyOnly && e.state == SnapshotState.CREATING))) {
            views.add(new SnapshotView(id, e.request, ready, e.createdAt, e.bytes));
          }
        });
    return views;
  }

  /** The snapshots of a function, oldest first. */
  List<SnapshotDescription> list(String function) {
    return entries.entrySet().stream()
        .filter(e -> e.getValue().function.equals(function))
        .map(e -> description(e.getKey(), e.getValue()))
        .sorted(Comparator.comparing(SnapshotDescription::createdAt))
        .toList();
  }

  /** One snapshot. */
  Optional<SnapshotDescription> find(String id) {
    @Nullable Entry entry = entries.get(id);
    return entry == null ? Optional.empty() : Optional.of(description(id, entry));
  }

  /** The ids of all snapshots that no deployed version owns. */
  List<String> orphans(Map<String, DeployedFunction> functions) {
    return entries.entrySet().stream()
        .filter(
            e -> {
              DeployedFunction owner = functions.get(e.getValue().function);
              return owner == null || owner.version() != e.getValue().version;
            })
        .map(Map.Entry::getKey)
        .toList();
  }

  private static SnapshotDescription description(String id, Entry e) {
    return new SnapshotDescription(
        id,
        e.function,
        e.version,
        e.request,
        e.state,
        e.createdAt,
        e.bytes,
        e.pauseMs,
        e.restores,
        e.failures);
  }
}
