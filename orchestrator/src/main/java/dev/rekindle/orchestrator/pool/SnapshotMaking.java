package dev.rekindle.orchestrator.pool;

import dev.rekindle.api.EventType;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.instance.CheckpointTaking;
import dev.rekindle.orchestrator.instance.Instance;
import dev.rekindle.orchestrator.instance.InstanceStarter;
import dev.rekindle.orchestrator.instance.Node;
import dev.rekindle.orchestrator.instance.WorkingSetTrial;
import dev.rekindle.orchestrator.node.FunctionCounts;
import dev.rekindle.orchestrator.node.Ids;
import dev.rekindle.orchestrator.node.ServiceException;
import dev.rekindle.orchestrator.policy.FunctionPolicy;
import io.vertx.core.Future;
import java.util.function.Consumer;

/** Makes snapshots of a function's instances, and tells everybody what came of it. */
final class SnapshotMaking {
  private final Node node;
  private final FunctionPolicy policy;
  private final InstanceStarter starter;
  private final FunctionCounts counts;

  SnapshotMaking(Node node, FunctionPolicy policy, InstanceStarter starter, FunctionCounts counts) {
    this.node = node;
    this.policy = policy;
    this.starter = starter;
    this.counts = counts;
  }

  /**
   * Freezes an instance of a version.
   *
   * @param thawed called once, when it runs again or is lost, with whether it may serve on
   * @return the snapshot, when it is stored; fails with {@link ServiceException}
   */
  Future<SnapshotDescription> make(
      DeployedFunction function, Instance instance, Consumer<Boolean> thawed) {
    instance.checkpointing();
    String id = Ids.snapshot(node.random());
    node.snapshots().creating(id, function, instance.life().request(), node.clock().instant());
    Future<CheckpointTaking.Taken> taking =
        new CheckpointTaking(node, function, instance, id).run(thawed);
    instance.holdUntil(taking.mapEmpty());
    return taking
        .onSuccess(taken -> made(function, instance, taken))
        .onFailure(e -> failed(function, instance, id, e))
        .map(taken -> node.snapshots().find(id).orElseThrow(() -> gone(function)))
        .recover(
            e ->
                e instanceof CheckpointTaking.Failed failed
                    ? Future.failedFuture(
                        new ServiceException(failed.code(), String.valueOf(failed.getMessage())))
                    : Future.failedFuture(e));
  }

  private void made(DeployedFunction function, Instance instance, CheckpointTaking.Taken taken) {
    String id = taken.manifest().id();
    if (node.snapshots().find(id).isEmpty()) {
      // The version was replaced or removed meanwhile, and its snapshots with it.
      node.deleteSnapshot(id);
      return;
    }
    node.snapshots().ready(taken.manifest());
    starter.prepare(function, id);
    policy.checkpointed(instance, taken).forEach(node::deleteSnapshot);
    node.metrics().checkpoint(function.name(), taken.pause());
    node.events()
        .add(
            EventType.CHECKPOINT,
            function.name(),
            instance.id(),
            taken.manifest().id(),
            "%d bytes, from %d in memory and %d after memory was given back"
                .formatted(
                    taken.manifest().bytes(),
                    taken.memory().beforeBytes(),
                    taken.memory().afterBytes()),
            taken.pause().toNanos() / 1e6);
    if (node.store().isShared()) {
      new WorkingSetTrial(node, function, id).run();
    }
  }

  private void failed(
      DeployedFunction function, Instance instance, String snapshotId, Throwable e) {
    node.snapshots().remove(snapshotId);
    // Without CRIU's log, which the event and the call's answer carry.
    policy.checkpointFailed(
        instance, String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    counts.checkpointFailures++;
    node.metrics().checkpointFailed(function.name());
    node.events()
        .add(
            EventType.FAILURE,
            function.name(),
            instance.id(),
            snapshotId,
            "checkpoint: " + e.getMessage(),
            null);
  }

  private static ServiceException gone(DeployedFunction function) {
    return new ServiceException(
        ProblemCode.UNKNOWN_FUNCTION,
        "The function '%s' was removed while its snapshot was made.".formatted(function.name()));
  }
}
