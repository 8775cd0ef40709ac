package dev.rekindle.engine;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Settings of a {@link SnapshotEngine}.
 *
 * @param criu the criu binary, version 4.2 or later
 * @param stateDirectory a directory of this engine's own, on a short path (unix socket names hold
 *     107 bytes); made if absent, emptied at the start, removed at the end
 * @param workDirectory a directory of this engine's own with room for the images of running dumps;
 *     best on the file system of the snapshots, so that images are moved and not copied; emptied at
 *     the start, removed at the end
 * @param readySandboxes how many unused sandboxes are kept ready
 * @param checkpointTimeout the longest that a dump may take
 * @param restoreTimeout the longest that a restore may take
 */
public record EngineConfig(
    Path criu,
    Path stateDirectory,
    Path workDirectory,
    int readySandboxes,
    Duration checkpointTimeout,
    Duration restoreTimeout) {

  /** Enough for a burst on two cores; an unused sandbox holds about 0.3 MB. */
  public static final int DEFAULT_READY_SANDBOXES = 4;

  /** A dump writes memory at hundreds of MB/s, so this covers tens of GB. */
  public static final Duration DEFAULT_CHECKPOINT_TIMEOUT = Duration.ofSeconds(60);

  /** Past this a cold start is the better answer. */
  public static final Duration DEFAULT_RESTORE_TIMEOUT = Duration.ofSeconds(30);

  /** The longest path of {@link #stateDirectory}, so that sockets below it can be bound. */
  static final int MAX_STATE_PATH = 60;

  /** Checks the ranges. */
  public EngineConfig {
    stateDirectory = stateDirectory.toAbsolutePath().normalize();
    workDirectory = workDirectory.toAbsolutePath().normalize();
    if (stateDirectory.toString().length() > MAX_STATE_PATH) {
      throw new IllegalArgumentException(
          "stateDirectory %s is longer than %d characters: choose a shorter path"
              .formatted(stateDirectory, MAX_STATE_PATH));
    }
    if (readySandboxes < 0) {
      throw new IllegalArgumentException("readySandboxes must not be negative");
    }
  }

  /** A configuration with the default pool and time limits. */
  public static EngineConfig of(Path criu, Path stateDirectory, Path workDirectory) {
    return new EngineConfig(
        criu,
        stateDirectory,
        workDirectory,
        DEFAULT_READY_SANDBOXES,
        DEFAULT_CHECKPOINT_TIMEOUT,
        DEFAULT_RESTORE_TIMEOUT);
  }
}
