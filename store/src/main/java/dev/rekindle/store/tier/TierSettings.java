package dev.rekindle.store.tier;

import java.time.Duration;

/**
 * How a node shares its disk with a blob store.
 *
 * @param upload when a snapshot made here goes to the blob store
 * @param localBytes how much of the local disk snapshots may take: those in use and those that wait
 *     for their upload stay in any case, and count
 * @param grace how long the collection leaves a pack alone that no snapshot names; uploads take at
 *     most half of it
 */
public record TierSettings(Upload upload, long localBytes, Duration grace) {
  /** When a snapshot goes to the blob store. */
  public enum Upload {
    /** At once: other nodes need it, and this one may be lost. */
    AT_ONCE,
    /**
     * When its place on the local disk is needed: the blob store is on the same disk, so that
     * anything earlier would keep everything twice.
     */
    ON_EVICTION
  }

  /** Default of {@code localBytes}: 20 GiB. */
  public static final long DEFAULT_LOCAL_BYTES = 20L << 30;

  /** Default of {@code grace}: far more than an upload takes, and storage is cheap by the hour. */
  public static final Duration DEFAULT_GRACE = Duration.ofHours(1);

  /** Checks the ranges. */
  public TierSettings {
    if (localBytes < 0 || grace.isNegative() || grace.isZero()) {
      throw new IllegalArgumentException(
          "tier settings out of range: localBytes %d, grace %s".formatted(localBytes, grace));
    }
  }
}
