package dev.rekindle.orchestrator.snapshot;

import dev.rekindle.api.RestoreMode;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.api.SnapshotState;
import dev.rekindle.api.SnapshotStorage;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.SnapshotStore;
import dev.rekindle.store.StorageState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the service knows of each snapshot. Lives on the service's event loop. */
public final class SnapshotCatalog {
  /** A snapshot that failed so often is taken out of use. */
  public static final int MAX_RESTORE_FAILURES = 3;

  private static final List<RestoreMode> QUICKEST_FIRST =
      List.of(RestoreMode.MAPPED, RestoreMode.LAZY, RestoreMode.EAGER);

  private static final class Entry {
    final String function;
    final int version;
    final String identity;
    final long request;
    SnapshotState state;
    Instant createdAt;
    long bytes;
    @Nullable Long memoryBeforeBytes;
    @Nullable Long memoryAfterBytes;
    double pauseMs;
    long restores;
    long failures;
    int failuresInARow;
    boolean suspended;
    int restoring;
    final Set<RestoreMode> avoided = EnumSet.noneOf(RestoreMode.class);

    Entry(
        String function,
        int version,
        String identity,
        long request,
        SnapshotState state,
        Instant createdAt) {
      this.function = function;
      this.version = version;
      this.identity = identity;
      this.request = request;
      this.state = state;
      this.createdAt = createdAt;
    }
  }

  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final SnapshotStore store;

  private SnapshotCatalog(SnapshotStore store) {
    this.store = store;
  }

  /** Takes in what a store holds. Called once, at the start. */
  public static SnapshotCatalog of(SnapshotStore store) {
    SnapshotCatalog catalog = new SnapshotCatalog(store);
    store.list().forEach(catalog::ready);
    return catalog;
  }

  /** A snapshot is being made. */
  public void creating(String id, DeployedFunction function, long request, Instant now) {
    entries.put(
        id,
        new Entry(
            function.name(),
            function.version(),
            function.identity(),
            request,
            SnapshotState.CREATING,
            now));
  }

  /** A snapshot was made, or found. */
  public void ready(SnapshotManifest manifest) {
    SnapshotLabels labels = SnapshotLabels.of(manifest);
    Entry entry =
        new Entry(
            labels.function(),
            labels.version(),
            labels.identity(),
            labels.request(),
            SnapshotState.READY,
            manifest.createdAt());
    entry.bytes = manifest.bytes();
    entry.memoryBeforeBytes = labels.memoryBeforeBytes();
    entry.memoryAfterBytes = labels.memoryAfterBytes();
    entry.pauseMs = labels.pauseMs();
    entries.put(manifest.id(), entry);
  }

  /**
   * Takes in what a store has of an identity: new ones are ready, those that the store has no more
   * are forgotten.
   */
  public void adopt(String identity, List<SnapshotManifest> found) {
    for (SnapshotManifest manifest : found) {
      // Asked again: it may have been deleted since it was found.
      if (!entries.containsKey(manifest.id()) && store.find(manifest.id()).isPresent()) {
        ready(manifest);
      }
    }
    entries
        .entrySet()
        .removeIf(
            e ->
                e.getValue().identity.equals(identity)
                    && e.getValue().state == SnapshotState.READY
                    && store.find(e.getKey()).isEmpty());
  }

  /** A snapshot is gone, or was not made after all. */
  public void remove(String id) {
    entries.remove(id);
  }

  /** A restore begins; {@link #restoreEnded} tells of its end. */
  public void restoring(String id) {
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.restoring++;
    }
  }

  /** A restore has come to its end, however that was. */
  public void restoreEnded(String id) {
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.restoring--;
    }
  }

  /** A restore worked. */
  public void restored(String id) {
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.restores++;
      entry.failuresInARow = 0;
    }
  }

  /** A snapshot cannot be had now: nothing is started from it until {@link #resume}. */
  public void suspend(String id) {
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.failures++;
      entry.suspended = true;
    }
  }

  /** It may be tried again. */
  public void resume(String id) {
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.suspended = false;
    }
  }

  /** A snapshot was found damaged. */
  void outOfUse(String id) {
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.state = SnapshotState.UNUSABLE;
    }
  }

  /**
   * A restore failed.
   *
   * @param forGood whether to take the snapshot out of use at once
   * @return whether it is out of use now
   */
  public boolean failed(String id, boolean forGood) {
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

  /**
   * The modes in which to try a restore, best first. {@code auto} is the quickest that this
   * snapshot has not refused.
   */
  public List<RestoreMode> modes(String id, RestoreMode wanted) {
    if (wanted != RestoreMode.AUTO) {
      return List.of(wanted);
    }
    Entry entry = entries.get(id);
    return QUICKEST_FIRST.stream()
        .filter(mode -> entry == null || mode == RestoreMode.EAGER || !entry.avoided.contains(mode))
        .toList();
  }

  /** CRIU refuses to restore the snapshot in that mode. */
  public void avoid(String id, RestoreMode mode) {
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.avoided.add(mode);
    }
  }

  /** What a policy may choose from or look at. */
  public List<SnapshotView> views(DeployedFunction function, boolean readyOnly) {
    List<SnapshotView> views = new ArrayList<>();
    String identity = function.identity();
    entries.forEach(
        (id, e) -> {
          boolean ready = e.state == SnapshotState.READY && !e.suspended;
          if (e.identity.equals(identity)
              && (ready || (!readyOnly && e.state != SnapshotState.UNUSABLE))) {
            views.add(new SnapshotView(id, e.request, ready, e.createdAt, e.bytes));
          }
        });
    return views;
  }

  /** The snapshots of a function, oldest first. */
  public List<SnapshotDescription> list(String function) {
    return entries.entrySet().stream()
        .filter(e -> e.getValue().function.equals(function))
        .map(e -> description(e.getKey(), e.getValue()))
        .sorted(Comparator.comparing(SnapshotDescription::createdAt))
        .toList();
  }

  /** One snapshot. */
  public Optional<SnapshotDescription> find(String id) {
    @Nullable Entry entry = entries.get(id);
    return entry == null ? Optional.empty() : Optional.of(description(id, entry));
  }

  /** The snapshots that fit a function, whichever node made them. */
  public List<String> ownedBy(DeployedFunction function) {
    String identity = function.identity();
    return entries.entrySet().stream()
        .filter(e -> e.getValue().identity.equals(identity))
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * A snapshot that takes room.
   *
   * @param id its id
   * @param function the function it was made of
   * @param identity what it fits
   * @param bytes what its files have
   * @param usable whether it can be restored
   * @param restoring whether it is being restored
   */
  public record Stored(
      String id, String function, String identity, long bytes, boolean usable, boolean restoring) {}

  /** All snapshots that are not still in the making. */
  public List<Stored> stored() {
    return entries.entrySet().stream()
        .filter(e -> e.getValue().state != SnapshotState.CREATING)
        .map(e -> stored(e.getKey(), e.getValue()))
        .toList();
  }

  private static Stored stored(String id, Entry e) {
    return new Stored(
        id, e.function, e.identity, e.bytes, e.state == SnapshotState.READY, e.restoring > 0);
  }

  /** The ids of all snapshots that no deployed version owns. */
  public List<String> orphans(Map<String, DeployedFunction> functions) {
    return entries.entrySet().stream()
        .filter(
            e -> {
              DeployedFunction owner = functions.get(e.getValue().function);
              return owner == null || !owner.identity().equals(e.getValue().identity);
            })
        .map(Map.Entry::getKey)
        .toList();
  }

  private SnapshotDescription description(String id, Entry e) {
    StorageState storage = store.storage(id);
    return new SnapshotDescription(
        id,
        e.function,
        e.version,
        e.request,
        e.state,
        e.createdAt,
        e.bytes,
        e.memoryBeforeBytes,
        e.memoryAfterBytes,
        e.pauseMs,
        e.restores,
        e.failures,
        new SnapshotStorage(
            storage.local(),
            storage.shared(),
            storage.uploadWaiting(),
            storage.sharedBytes(),
            storage.uploadedBytes()));
  }
}
