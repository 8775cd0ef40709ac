package dev.rekindle.orchestrator.instance;

import dev.rekindle.api.EventType;
import dev.rekindle.api.Phase;
import dev.rekindle.engine.RestoreException;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.function.FunctionLog;
import dev.rekindle.orchestrator.node.FunctionCounts;
import dev.rekindle.orchestrator.policy.FunctionPolicy;
import dev.rekindle.orchestrator.policy.model.Start;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import dev.rekindle.store.StoreException;
import io.vertx.core.Future;
import java.time.Duration;

/** Brings up an instance as the policy wishes; if a restore fails, from nothing. */
public final class InstanceStarter {
  /**
   * While a store is away each try costs its time limits, and a cold start is quicker; after so
   * long the next start tries again.
   */
  private static final long REST_MS = 15_000;

  private static final System.Logger LOG = System.getLogger(InstanceStarter.class.getName());

  private final Node node;
  private final FunctionLog log;
  private final FunctionCounts counts;

  public InstanceStarter(Node node, FunctionLog log, FunctionCounts counts) {
    this.node = node;
    this.log = log;
    this.counts = counts;
  }

  /** Succeeds with an instance that takes events; fails with {@link StartFailure}. */
  public Future<Instance> start(DeployedFunction function, FunctionPolicy policy) {
    StartPlan plan = policy.start();
    return start(function, plan.start())
        .map(instance -> instance.meantFor(plan))
        .onSuccess(policy::started);
  }

  /** The same from what the caller names, without a word to the policy. */
  public Future<Instance> start(DeployedFunction function, Start choice) {
    if (choice instanceof Start.Restore restore) {
      node.snapshots().restoring(restore.snapshotId());
      return new HotStart(node, function, log, restore.snapshotId())
          .run()
          .onComplete(done -> node.snapshots().restoreEnded(restore.snapshotId()))
          .onSuccess(instance -> afterwards(() -> restored(function, instance)))
          .recover(
              e -> {
                restoreFailed(function, restore.snapshotId(), e);
                return cold(function);
              });
    }
    return cold(function);
  }

  /** Does ahead what can be done of the first restore of a new snapshot. */
  public void prepare(DeployedFunction function, String snapshotId) {
    node.workers()
        .<Void>file(
            () -> {
              new HotStart(node, function, log, snapshotId).prepare();
              return null;
            })
        .onFailure(
            e ->
                LOG.log(
                    System.Logger.Level.DEBUG,
                    "event=restore-not-prepared snapshot={0} error={1}",
                    snapshotId,
                    e.getMessage()));
  }

  private Future<Instance> cold(DeployedFunction function) {
    return new ColdStart(node, function, log)
        .run()
        .onSuccess(instance -> afterwards(() -> booted(function, instance)));
  }

  /** Bookkeeping waits until the instance has been given its request. */
  private void afterwards(Runnable bookkeeping) {
    node.loop().runOnContext(unused -> bookkeeping.run());
  }

  private void booted(DeployedFunction function, Instance instance) {
    Duration took = Duration.ofNanos(instance.readyNanos() - instance.startedNanos());
    node.metrics().phase(function.name(), Phase.BOOT, took);
    node.savings().booted(function.identity(), took);
    node.events()
        .add(
            EventType.START,
            function.name(),
            instance.id(),
            null,
            "cold start",
            took.toNanos() / 1e6);
  }

  private void restored(DeployedFunction function, Instance instance) {
    Instance.Origin origin = java.util.Objects.requireNonNull(instance.origin());
    Duration took = Duration.ofNanos(instance.readyNanos() - instance.startedNanos());
    node.snapshots().restored(origin.id());
    node.savings().restored(origin.id(), took);
    node.metrics().phase(function.name(), Phase.RESTORE, took);
    node.events()
        .add(
            EventType.RESTORE,
            function.name(),
            instance.id(),
            origin.id(),
            origin.mode().wire() + " restore",
            took.toNanos() / 1e6);
  }

  private void restoreFailed(DeployedFunction function, String snapshotId, Throwable e) {
    counts.restoreFailures++;
    node.metrics().restoreFailed(function.name());
    boolean unusable = false;
    if (isStoreAway(e)) {
      node.snapshots().rest(snapshotId);
      node.vertx().setTimer(REST_MS, unused -> node.snapshots().restIsOver(snapshotId));
    } else {
      unusable = node.snapshots().failed(snapshotId, isForGood(e));
    }
    node.events()
        .add(
            EventType.FAILURE,
            function.name(),
            null,
            snapshotId,
            "restore: " + e.getMessage() + (unusable ? " (the snapshot is out of use)" : ""),
            null);
  }

  /** The snapshot may be sound, and only cannot be had now. */
  private static boolean isStoreAway(Throwable e) {
    return e instanceof StoreException store && store.reason() == StoreException.Reason.UNAVAILABLE;
  }

  /** Some failures would only repeat themselves. */
  private static boolean isForGood(Throwable e) {
    if (e instanceof StoreException store) {
      return switch (store.reason()) {
        case NOT_FOUND, DAMAGED, UNSUPPORTED_FORMAT, INVALID_DRAFT -> true;
        case ALREADY_EXISTS, IN_USE, NO_SPACE, NOT_WRITABLE, UNAVAILABLE, IO_FAILED -> false;
      };
    }
    return e instanceof RestoreException restore
        && (restore.kind() == RestoreException.Cause.INCOMPATIBLE
            || restore.kind() == RestoreException.Cause.DAMAGED);
  }
}
