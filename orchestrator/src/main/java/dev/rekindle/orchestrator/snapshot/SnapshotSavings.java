package dev.rekindle.orchestrator.snapshot;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What each snapshot saves callers: how often it is restored, times how much longer a boot takes.
 * That a later snapshot also answers sooner shows in how often policies choose it. Lives on the
 * service's event loop.
 */
public final class SnapshotSavings {
  /** Uses fade with this time constant: a function that is called once a day still counts. */
  private static final double FADING_HOURS = 24;

  /** A snapshot is given this long to show what it is good for. */
  private static final double LEAST_HOURS = 1 / 12.0;

  /** Weight of the newest time in a mean. */
  private static final double NEWEST = 0.3;

  /** Before both were seen, a boot counts as so many restores. */
  private static final double RESTORES_A_BOOT = 4;

  /** Before either was seen. */
  private static final double USUAL_BOOT_SECONDS = 1;

  private static final double MILLIS_PER_HOUR = 3.6e6;

  private final InstantSource clock;
  private final Map<String, Uses> snapshots = new HashMap<>();
  private final Map<String, Double> boots = new HashMap<>();

  private static final class Uses {
    final Instant since;
    Instant counted;
    double count = 1; // its making is proof that somebody wanted it
    @Nullable Double restoreSeconds;

    Uses(Instant now) {
      since = now;
      counted = now;
    }

    void fade(Instant now) {
      count *= Math.exp(-hours(counted, now) / FADING_HOURS);
      counted = now;
    }
  }

  /** Counts from now on. */
  public SnapshotSavings(InstantSource clock) {
    this.clock = clock;
  }

  private static double hours(Instant from, Instant to) {
    return Math.max(0, Duration.between(from, to).toMillis() / MILLIS_PER_HOUR);
  }

  /** An instance of that identity booted. */
  public void booted(String identity, Duration took) {
    boots.merge(identity, seconds(took), (old, newest) -> NEWEST * newest + (1 - NEWEST) * old);
  }

  /** A snapshot was restored. */
  public void restored(String snapshot, Duration took) {
    Uses uses = uses(snapshot);
    uses.fade(clock.instant());
    uses.count++;
    double old = uses.restoreSeconds == null ? seconds(took) : uses.restoreSeconds;
    uses.restoreSeconds = NEWEST * seconds(took) + (1 - NEWEST) * old;
  }

  private static double seconds(Duration took) {
    return took.toNanos() / 1e9;
  }

  private Uses uses(String snapshot) {
    return snapshots.computeIfAbsent(snapshot, unused -> new Uses(clock.instant()));
  }

  /** How many seconds of waiting a snapshot saves callers in an hour. */
  public double perHour(String identity, String snapshot) {
    Uses uses = uses(snapshot);
    Instant now = clock.instant();
    uses.fade(now);
    Double known = boots.get(identity);
    double boot =
        known != null
            ? known
            : uses.restoreSeconds != null
                ? RESTORES_A_BOOT * uses.restoreSeconds
                : USUAL_BOOT_SECONDS;
    double restore = uses.restoreSeconds != null ? uses.restoreSeconds : boot / RESTORES_A_BOOT;
    double seen = FADING_HOURS * -Math.expm1(-hours(uses.since, now) / FADING_HOURS);
    return uses.count / Math.max(LEAST_HOURS, seen) * Math.max(0, boot - restore);
  }

  /** Forgets all others. */
  public void keepOnly(Collection<String> identities, Collection<String> ids) {
    boots.keySet().retainAll(identities);
    snapshots.keySet().retainAll(ids);
  }
}
