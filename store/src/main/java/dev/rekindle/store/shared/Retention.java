package dev.rekindle.store.shared;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which snapshots of a shared store are to stay.
 *
 * @param age how long a snapshot stays; empty for ever
 * @param perIdentity the most snapshots of one identity, the newest; 0 for all
 * @param bytes the most bytes of packs, beyond which the oldest snapshots go; 0 for no limit
 */
public record Retention(Optional<Duration> age, int perIdentity, long bytes) {
  /** Everything stays. */
  public static final Retention ALL = new Retention(Optional.empty(), 0, 0);

  /** Checks the ranges. */
  public Retention {
    if (perIdentity < 0 || bytes < 0 || age.filter(Duration::isNegative).isPresent()) {
      throw new IllegalArgumentException(
          "retention out of range: %s, %d, %d".formatted(age, perIdentity, bytes));
    }
  }

  /**
   * The snapshots that have to go on account of their age or number; the limit on bytes needs the
   * packs, and is the collection's.
   *
   * @param now the store's time
   */
  List<SharedSnapshots.Entry> expired(List<SharedSnapshots.Entry> all, Instant now) {
    List<SharedSnapshots.Entry> newestFirst = new ArrayList<>(all);
    newestFirst.sort(
        Comparator.comparing((SharedSnapshots.Entry e) -> e.manifest().modified())
            .reversed()
            .thenComparing(SharedSnapshots.Entry::id));
    Map<String, Integer> counts = new HashMap<>();
    List<SharedSnapshots.Entry> expired = new ArrayList<>();
    for (var entry : newestFirst) {
      int count = counts.merge(entry.identity(), 1, Integer::sum);
      boolean old = age.isPresent() && entry.manifest().modified().isBefore(now.minus(age.get()));
      if (old || (perIdentity > 0 && count > perIdentity)) {
        expired.add(entry);
      }
    }
    return expired;
  }
}
