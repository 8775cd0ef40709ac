package dev.rekindle.orchestrator.config;

import dev.rekindle.api.InvalidFieldException;
import dev.rekindle.store.shared.Retention;
import dev.rekindle.store.tier.TierSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How this node keeps snapshots on its disk and shares them with others.
 *
 * @param localMb how much of the local disk snapshots may take; beyond that those that are used
 *     least go to the shared store alone
 * @param sharedDirectory a directory that several nodes have mounted and share snapshots through;
 *     null for none: what has no place on the local disk is then kept, compressed, in the data
 *     directory
 * @param lookSeconds how often to look for snapshots that other nodes have made
 * @param graceMinutes how long the collection leaves stored bytes alone that no snapshot names; an
 *     upload may take half of it
 * @param collectMinutes how often to collect; 0 for never, where another node or the command does
 * @param keepPerFunction the most snapshots of one function's version to keep in the shared store,
 *     the newest; 0 for all
 * @param keepHours how long to keep a snapshot in the shared store; 0 for ever
 * @param sharedMb how much the shared store may hold, beyond which the oldest go; 0 for no limit
 */
public record TierConfig(
    int localMb,
    @Nullable Path sharedDirectory,
    int lookSeconds,
    int graceMinutes,
    int collectMinutes,
    int keepPerFunction,
    int keepHours,
    int sharedMb) {
  /** Default of {@code lookSeconds}. */
  public static final int DEFAULT_LOOK_SECONDS = 30;

  /** Default of {@code collectMinutes}. */
  public static final int DEFAULT_COLLECT_MINUTES = 60;

  /** Default of {@code keepPerFunction}: a policy rarely chooses between more. */
  public static final int DEFAULT_KEEP_PER_FUNCTION = 20;

  /** Checks the ranges. */
  public TierConfig {
    check("localMb", localMb, 0, 1 << 30);
    check("lookSeconds", lookSeconds, 1, 86_400);
    check("graceMinutes", graceMinutes, 1, 60 * 24 * 30);
    check("collectMinutes", collectMinutes, 0, 60 * 24 * 30);
    check("keepPerFunction", keepPerFunction, 0, 1_000_000);
    check("keepHours", keepHours, 0, 24 * 365 * 100);
    check("sharedMb", sharedMb, 0, Integer.MAX_VALUE);
  }

  private static void check(String field, long value, long min, long max) {
    if (value < min || value > max) {
      throw new InvalidFieldException(
          "tiers." + field, "is " + value, "Choose a number from %d to %d.".formatted(min, max));
    }
  }

  /** The defaults. */
  public static TierConfig defaults() {
    return new TierConfig(
        (int) (TierSettings.DEFAULT_LOCAL_BYTES >> 20),
        null,
        DEFAULT_LOOK_SECONDS,
        (int) TierSettings.DEFAULT_GRACE.toMinutes(),
        DEFAULT_COLLECT_MINUTES,
        DEFAULT_KEEP_PER_FUNCTION,
        0,
        0);
  }

  /** Which snapshots the shared store is to keep. */
  public Retention retention() {
    return new Retention(
        keepHours == 0 ? Optional.empty() : Optional.of(Duration.ofHours(keepHours)),
        keepPerFunction,
        (long) sharedMb << 20);
  }

  /** What the store needs to know. */
  public TierSettings settings(TierSettings.Upload upload) {
    return new TierSettings(upload, (long) localMb << 20, Duration.ofMinutes(graceMinutes));
  }
}
