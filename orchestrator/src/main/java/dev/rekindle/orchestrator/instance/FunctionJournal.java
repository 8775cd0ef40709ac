package dev.rekindle.orchestrator.instance;

import dev.rekindle.api.EventType;
import dev.rekindle.api.FunctionFailure;
import dev.rekindle.api.Phase;
import dev.rekindle.api.RestoreMode;
import dev.rekindle.orchestrator.node.EventLog;
import dev.rekindle.orchestrator.node.FunctionCounts;
import dev.rekindle.orchestrator.node.Metrics;
import dev.rekindle.orchestrator.snapshot.SnapshotSavings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what happens to one function: one method for each kind of happening, which enters it
 * in every register that has a column for it (events, metrics, counts, savings). Outlives the
 * function's versions. Lives on the event loop.
 */
public final class FunctionJournal {
  private final String function;
  private final EventLog events;
  private final Metrics metrics;
  private final SnapshotSavings savings;
  private final FunctionCounts counts = new FunctionCounts();

  /** The journal of a function that has done nothing yet. */
  public FunctionJournal(
      String function, EventLog events, Metrics metrics, SnapshotSavings savings) {
    this.function = function;
    this.events = events;
    this.metrics = metrics;
    this.savings = savings;
  }

  /** What it has done since the service started. */
  public FunctionCounts counts() {
    return counts;
  }

  /** An instance booted in {@code took}. */
  public void booted(String identity, Instance instance, Duration took) {
    metrics.phase(function, Phase.BOOT, took);
    savings.booted(identity, took);
    event(EventType.START, instance.id(), null, "cold start", millis(took));
  }

  /** An instance was restored in {@code took}. */
  public void restored(Instance instance, String snapshot, RestoreMode mode, Duration took) {
    savings.restored(snapshot, took);
    metrics.phase(function, Phase.RESTORE, took);
    event(EventType.RESTORE, instance.id(), snapshot, mode.wire() + " restore", millis(took));
  }

  /** CRIU refused a restore in one mode; another one is tried. */
  public void restoreRefused(String snapshot, RestoreMode mode, RestoreMode next, Throwable why) {
    failure(
        null,
        snapshot,
        "%s restore, now trying %s: %s".formatted(mode.wire(), next.wire(), why.getMessage()));
  }

  /** A restore failed in every mode; a cold start takes its place. */
  public void restoreFailed(String snapshot, Throwable why, boolean outOfUse) {
    counts.restoreFailures++;
    metrics.restoreFailed(function);
    failure(
        null,
        snapshot,
        "restore: " + why.getMessage() + (outOfUse ? " (the snapshot is out of use)" : ""));
  }

  /** No instance could be started. */
  public void startFailed(Throwable why) {
    counts.startFailures++;
    metrics.startFailed(function);
    failure(null, null, "start: " + why.getMessage());
  }

  /** A start failed by the function's own fault, and a caller was answered with that. */
  public void failedToLoad() {
    counts.functionFailures++;
  }

  /** A request was refused for want of an instance. */
  public void refused() {
    metrics.refused(function);
  }

  /** A request was answered. */
  public void answered(InvocationOutcome outcome) {
    FunctionFailure failure = outcome.failure();
    counts.answered(outcome.start(), failure == null ? null : failure.errorType());
    double totalMs = outcome.timing().of(Phase.TOTAL).orElse(0);
    metrics.invocation(
        function,
        outcome.start(),
        failure == null ? "ok" : "function-error",
        Duration.ofNanos((long) (totalMs * 1e6)));
  }

  /** A snapshot was taken of an instance. */
  public void checkpointed(Instance instance, CheckpointRun.Taken taken) {
    metrics.checkpoint(function, taken.pause());
    event(
        EventType.CHECKPOINT,
        instance.id(),
        taken.manifest().id(),
        "%d bytes, from %d in memory and %d after memory was given back"
            .formatted(
                taken.manifest().bytes(),
                taken.memory().beforeBytes(),
                taken.memory().afterBytes()),
        millis(taken.pause()));
  }

  /** A checkpoint failed; the function goes on without that snapshot. */
  public void checkpointFailed(Instance instance, String snapshot, Throwable why) {
    counts.checkpointFailures++;
    metrics.checkpointFailed(function);
    failure(instance.id(), snapshot, "checkpoint: " + why.getMessage());
  }

  /** An idle instance is evicted; {@link #ended} follows when it ends. */
  public void evicted() {
    metrics.evicted(function);
  }

  /** An instance is ended: an eviction, or a failure. */
  public void ended(Instance instance, EventType type, String why) {
    Instance.Origin origin = instance.origin();
    event(type, instance.id(), origin == null ? null : origin.id(), why, null);
  }

  /** Something else failed. */
  public void failure(@Nullable String instance, @Nullable String snapshot, String why) {
    event(EventType.FAILURE, instance, snapshot, why, null);
  }

  /** An event of another kind. */
  public void event(
      EventType type,
      @Nullable String instance,
      @Nullable String snapshot,
      String message,
      @Nullable Double millis) {
    events.add(type, function, instance, snapshot, message, millis);
  }

  private static double millis(Duration took) {
    return took.toNanos() / 1e6;
  }
}
