package dev.rekindle.orchestrator.config;

import dev.rekindle.api.InvalidFieldException;

/**
 * What all functions of this node together may spend on being quick.
 *
 * @param checkpointsPerHour how many snapshots policies may take within an hour; those that a call
 *     of the API asks for count, but are not refused
 * @param storedMb how many MiB all snapshots that this node knows may have, uncompressed. Where it
 *     alone uses its store, those go first that save callers least; a store that nodes share is
 *     emptied by the settings {@code tiers} alone
 * @param memoryMb how many MiB idle and standby instances may hold for themselves. Memory becomes
 *     dearer to policies that weigh it, and those that were idle for longest are ended
 */
public record BudgetConfig(int checkpointsPerHour, int storedMb, int memoryMb) {
  /**
   * Default of {@code checkpointsPerHour}: each keeps a core and the disk busy for a few tenths of
   * a second, so these take some 5 % of one core.
   */
  public static final int DEFAULT_CHECKPOINTS_PER_HOUR = 1_000;

  /** Default of {@code storedMb}: a thousand snapshots of middle-sized functions. */
  public static final int DEFAULT_STORED_MB = 100 << 10;

  /** Default of {@code memoryMb}: some sixty booted instances, or a thousand restored ones. */
  public static final int DEFAULT_MEMORY_MB = 4 << 10;

  /** Checks the ranges. */
  public BudgetConfig {
    check("checkpointsPerHour", checkpointsPerHour, 1_000_000);
    check("storedMb", storedMb, 1 << 30);
    check("memoryMb", memoryMb, 1 << 30);
  }

  private static void check(String field, long value, long max) {
    if (value < 1 || value > max) {
      throw new InvalidFieldException(
          "budget." + field, "is " + value, "Choose a number from 1 to %d.".formatted(max));
    }
  }

  /** The defaults. */
  public static BudgetConfig defaults() {
    return new BudgetConfig(DEFAULT_CHECKPOINTS_PER_HOUR, DEFAULT_STORED_MB, DEFAULT_MEMORY_MB);
  }

  /** {@code storedMb} in bytes. */
  public long storedBytes() {
    return (long) storedMb << 20;
  }

  /** {@code memoryMb} in bytes. */
  public long memoryBytes() {
    return (long) memoryMb << 20;
  }
}
