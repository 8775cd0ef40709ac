package dev.rekindle.orchestrator.instance;

import dev.rekindle.engine.RestoreException;
import dev.rekindle.orchestrator.policy.model.Start;
import dev.rekindle.store.StoreException;
import io.vertx.core.Future;
import java.time.Duration;

/** Brings up instances of one version as a plan says; if a restore fails, from nothing. */
public final class InstanceStarter {
  /**
   * While a store is away each try costs its time limits, and a cold start is quicker; after so
   * long the next start tries again.
   */
  private static final long SUSPENSION_MS = 15_000;

  private static final System.Logger LOG = System.getLogger(InstanceStarter.class.getName());

  private final ColdStart.Parts cold;
  private final HotStart.Parts hot;
  private final FunctionRuntime runtime;
  private final FunctionJournal journal;

  /** Starts instances of that version. */
  public InstanceStarter(
      ColdStart.Parts cold, HotStart.Parts hot, FunctionRuntime runtime, FunctionJournal journal) {
    this.cold = cold;
    this.hot = hot;
    this.runtime = runtime;
    this.journal = journal;
  }

  /** Succeeds with an instance that takes events; fails with {@link StartFailure}. */
  public Future<Instance> start(Start choice) {
    if (!(choice instanceof Start.Restore restore)) {
      return boot();
    }
    String id = restore.snapshotId();
    hot.catalog().restoring(id);
    return new HotStart(hot, runtime, journal, id)
        .run()
        .onComplete(done -> hot.catalog().restoreEnded(id))
        .onSuccess(instance -> afterwards(() -> restored(instance)))
        .recover(
            e -> {
              restoreFailed(id, e);
              return boot();
            });
  }

  /** Does ahead what can be done of the first restore of a new snapshot. */
  public void prepare(String snapshotId) {
    hot.workers()
        .<Void>file(
            () -> {
              new HotStart(hot, runtime, journal, snapshotId).prepare();
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

  private Future<Instance> boot() {
    return new ColdStart(cold, runtime)
        .run()
        .onSuccess(
            instance ->
                afterwards(
                    () -> journal.booted(runtime.function().identity(), instance, took(instance))));
  }

  /** Bookkeeping waits until the instance has been given its request. */
  private void afterwards(Runnable bookkeeping) {
    hot.loop().post(bookkeeping);
  }

  private static Duration took(Instance instance) {
    return Duration.ofNanos(instance.readyNanos() - instance.startedNanos());
  }

  private void restored(Instance instance) {
    Instance.Origin origin = java.util.Objects.requireNonNull(instance.origin());
    hot.catalog().restored(origin.id());
    journal.restored(instance, origin.id(), origin.mode(), took(instance));
  }

  private void restoreFailed(String snapshotId, Throwable e) {
    boolean outOfUse = false;
    if (isStoreAway(e)) {
      hot.catalog().suspend(snapshotId);
      hot.loop().after(SUSPENSION_MS, () -> hot.catalog().resume(snapshotId));
    } else {
      outOfUse = hot.catalog().failed(snapshotId, isPermanent(e));
    }
    journal.restoreFailed(snapshotId, e, outOfUse);
  }

  /** The snapshot may be sound, and only cannot be had now. */
  private static boolean isStoreAway(Throwable e) {
    return e instanceof StoreException store && store.reason() == StoreException.Reason.UNAVAILABLE;
  }

  /** Some failures would only repeat themselves. */
  private static boolean isPermanent(Throwable e) {
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
