package dev.rekindle.orchestrator.pool;

import dev.rekindle.api.EventType;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.orchestrator.node.Metrics;
import dev.rekindle.orchestrator.policy.model.SharedBudget;
import dev.rekindle.orchestrator.snapshot.SnapshotCatalog;
import dev.rekindle.orchestrator.snapshot.Snapshots;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Watches what all snapshots take. When it is more than the budget allows, those go that save
 * callers least for their size. A store that other nodes use too is left to its collection: this
 * node does not know what its snapshots are worth to them. Lives on the event loop.
 */
public final class SnapshotEviction {
  private static final long PERIOD_MS = 1_000;

  private final EventLoop loop;
  private final Snapshots snapshots;
  private final SharedBudget budget;
  private final Metrics metrics;
  private final long limit;
  private final FunctionRegistry functions;

  /**
   * An eviction by a limit.
   *
   * @param limit what all snapshots may take, in bytes
   */
  public SnapshotEviction(
      EventLoop loop,
      Snapshots snapshots,
      SharedBudget budget,
      Metrics metrics,
      long limit,
      FunctionRegistry functions) {
    this.loop = loop;
    this.snapshots = snapshots;
    this.budget = budget;
    this.metrics = metrics;
    this.limit = limit;
    this.functions = functions;
  }

  /**
   * A snapshot that may have to go.
   *
   * @param id its id
   * @param function the function it was made of
   * @param identity what it fits: snapshots of one identity can stand in for each other
   * @param bytes what it takes
   * @param usable whether it can be restored
   * @param inUse whether an instance runs from it, or is being restored
   * @param savedPerHour how many seconds of waiting it saves callers in an hour
   */
  record Candidate(
      String id,
      String function,
      String identity,
      long bytes,
      boolean usable,
      boolean inUse,
      double savedPerHour) {
    /** Seconds of waiting that each of its bytes saves in an hour. */
    double density() {
      return usable ? savedPerHour / Math.max(1, bytes) : 0;
    }
  }

  /** Begins to watch. */
  public void watch() {
    loop.every(PERIOD_MS, this::look);
  }

  /** Tells the budget what is stored, and makes room if that is too much. */
  void look() {
    List<Candidate> stored = new ArrayList<>(candidates());
    long bytes = stored.stream().mapToLong(Candidate::bytes).sum();
    boolean ours = !snapshots.store().isShared();
    Optional<Candidate> next = ours ? nextToGo(stored) : Optional.empty();
    while (bytes > limit && next.isPresent()) {
      Candidate going = next.get();
      log(going, bytes);
      var unused = snapshots.delete(going.id());
      stored.remove(going);
      bytes -= going.bytes();
      next = nextToGo(stored);
    }
    budget.stored((double) bytes, next.map(Candidate::density).orElse(Double.POSITIVE_INFINITY));
  }

  private void log(Candidate going, long bytes) {
    metrics.snapshotRemoved(going.function());
    snapshots
        .events()
        .add(
            EventType.EVICTION,
            going.function(),
            null,
            going.id(),
            String.format(
                Locale.ROOT,
                "snapshots take %.1f MiB of %d (budget.storedMb), and this one saves callers least"
                    + " for its %.1f MiB: %.3f s an hour",
                bytes / (double) (1 << 20),
                limit >> 20,
                going.bytes() / (double) (1 << 20),
                going.savedPerHour()),
            null);
  }

  /**
   * Which one goes first: none that is in use; a function's only one after all others; then the one
   * that saves least for its size.
   */
  static Optional<Candidate> nextToGo(List<Candidate> stored) {
    Map<String, Integer> usable = new HashMap<>();
    for (Candidate each : stored) {
      usable.merge(each.identity(), each.usable() ? 1 : 0, Integer::sum);
    }
    return stored.stream()
        .filter(each -> !each.inUse())
        .min(
            Comparator.comparing(
                    (Candidate each) ->
                        each.usable() && usable.getOrDefault(each.identity(), 0) == 1)
                .thenComparingDouble(Candidate::density)
                .thenComparing(Candidate::id));
  }

  private List<Candidate> candidates() {
    Set<String> busy = functions.snapshotsInUse();
    Set<String> identities = functions.identities();
    List<SnapshotCatalog.Stored> all = snapshots.catalog().stored();
    Set<String> ids = new HashSet<>();
    all.forEach(each -> ids.add(each.id()));
    snapshots.savings().keepOnly(identities, ids);
    return all.stream()
        .map(
            each ->
                new Candidate(
                    each.id(),
                    each.function(),
                    each.identity(),
                    each.bytes(),
                    each.usable() && identities.contains(each.identity()),
                    each.restoring() || busy.contains(each.id()),
                    snapshots.savings().perHour(each.identity(), each.id())))
        .toList();
  }
}
