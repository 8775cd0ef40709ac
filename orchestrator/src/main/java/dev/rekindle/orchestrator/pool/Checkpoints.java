package dev.rekindle.orchestrator.pool;

import dev.rekindle.api.ProblemCode;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.orchestrator.instance.CheckpointRun;
import dev.rekindle.orchestrator.instance.FunctionJournal;
import dev.rekindle.orchestrator.instance.FunctionRuntime;
import dev.rekindle.orchestrator.instance.Instance;
import dev.rekindle.orchestrator.instance.InstanceStarter;
import dev.rekindle.orchestrator.instance.WorkingSetTrial;
import dev.rekindle.orchestrator.node.Ids;
import dev.rekindle.orchestrator.node.ServiceException;
import dev.rekindle.orchestrator.policy.FunctionPolicy;
import dev.rekindle.orchestrator.snapshot.Snapshots;
import io.vertx.core.Future;
import java.util.random.RandomGenerator;

/** Makes snapshots of one version's instances, and enters what came of it. On the event loop. */
public final class Checkpoints {
  private final CheckpointRun.Parts parts;
  private final Snapshots snapshots;
  private final RandomGenerator random;
  private final FunctionRuntime runtime;
  private final FunctionPolicy policy;
  private final InstanceStarter starter;
  private final WorkingSetTrial trial;
  private final FunctionJournal journal;

  /**
   * A checkpoint under way. Both complete on the event loop, {@code resumed} first.
   *
   * @param resumed never fails: whether the instance may serve on
   * @param stored the snapshot; fails with {@link ServiceException}
   */
  public record Freeze(Future<Boolean> resumed, Future<SnapshotDescription> stored) {}

  Checkpoints(
      CheckpointRun.Parts parts,
      Snapshots snapshots,
      RandomGenerator random,
      FunctionRuntime runtime,
      FunctionPolicy policy,
      InstanceStarter starter,
      WorkingSetTrial trial,
      FunctionJournal journal) {
    this.parts = parts;
    this.snapshots = snapshots;
    this.random = random;
    this.runtime = runtime;
    this.policy = policy;
    this.starter = starter;
    this.trial = trial;
    this.journal = journal;
  }

  /** Freezes an instance that takes no requests. */
  Freeze freeze(Instance instance) {
    instance.checkpointing();
    String id = Ids.snapshot(random);
    snapshots
        .catalog()
        .creating(
            id, runtime.function(), instance.life().request(), parts.loop().clock().instant());
    CheckpointRun.Freeze freeze = new CheckpointRun(parts, runtime, instance, id).start();
    instance.holdUntil(freeze.stored().mapEmpty());
    Future<SnapshotDescription> stored =
        freeze
            .stored()
            .onSuccess(taken -> made(instance, taken))
            .onFailure(e -> failed(instance, id, e))
            .map(taken -> snapshots.catalog().find(id).orElseThrow(this::gone))
            .recover(Checkpoints::problem);
    return new Freeze(freeze.resumed(), stored);
  }

  private static Future<SnapshotDescription> problem(Throwable e) {
    return Future.failedFuture(
        e instanceof CheckpointRun.Failed failed
            ? new ServiceException(failed.code(), String.valueOf(failed.getMessage()))
            : e);
  }

  private void made(Instance instance, CheckpointRun.Taken taken) {
    String id = taken.manifest().id();
    if (snapshots.catalog().find(id).isEmpty()) {
      // The version was replaced or removed meanwhile, and its snapshots with it.
      snapshots.delete(id);
      return;
    }
    snapshots.catalog().ready(taken.manifest());
    starter.prepare(id);
    policy.checkpointed(instance, taken).forEach(snapshots::delete);
    journal.checkpointed(instance, taken);
    if (snapshots.store().isShared()) {
      trial.run(id);
    }
  }

  private void failed(Instance instance, String snapshotId, Throwable e) {
    snapshots.catalog().remove(snapshotId);
    // Without CRIU's log, which the event and the call's answer carry.
    policy.checkpointFailed(
        instance, String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    journal.checkpointFailed(instance, snapshotId, e);
  }

  private ServiceException gone() {
    return new ServiceException(
        ProblemCode.UNKNOWN_FUNCTION,
        "The function '%s' was removed while its snapshot was made.".formatted(runtime.name()));
  }
}
