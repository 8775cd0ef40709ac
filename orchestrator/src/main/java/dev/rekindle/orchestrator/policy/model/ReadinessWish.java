package dev.rekindle.orchestrator.policy.model;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a policy wants kept ready. The node grants it as far as memory allows.
 *
 * @param standby how many restored instances that have served nothing yet
 * @param instances how many instances in all, busy ones included; those that are missing are
 *     restored ahead
 * @param idleOrNull how long an idle instance lives; null leaves it to the function's settings
 */
public record ReadinessWish(int standby, int instances, @Nullable Duration idleOrNull) {
  /** Nothing beyond the function's settings. */
  public static final ReadinessWish NONE = new ReadinessWish(0, 0, null);

  /** How long an idle instance lives, if the policy cares. */
  public Optional<Duration> idle() {
    return Optional.ofNullable(idleOrNull);
  }
}
