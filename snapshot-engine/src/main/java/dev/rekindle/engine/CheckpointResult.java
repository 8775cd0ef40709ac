package dev.rekindle.engine;

import java.time.Duration;
import java.util.Map;

/**
 * A finished checkpoint.
 *
 * @param requirements what a host needs to restore it: see {@link HostFacts}
 * @param pause how long the function stood still
 */
public record CheckpointResult(Map<String, String> requirements, Duration pause) {
  /** Copies the map. */
  public CheckpointResult {
    requirements = Map.copyOf(requirements);
  }
}
