package dev.rekindle.orchestrator.instance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.RestoreMode;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.function.FunctionLog;
import io.vertx.core.Future;
import java.lang.System.Logger;
import java.util.List;

/**
 * Restores a fresh snapshot once, off every request's path, to learn which pages a restore needs:
 * other nodes fetch these first. It serves no request; if the function has sample events to warm up
 * with, it serves one of these.
 */
public final class WorkingSetTrial {
  private static final Logger LOG = System.getLogger(WorkingSetTrial.class.getName());

  /** Of the trial's output, which nobody reads. */
  private static final int LOG_BYTES = 4 << 10;

  private final Node node;
  private final DeployedFunction function;
  private final String snapshotId;

  public WorkingSetTrial(Node node, DeployedFunction function, String snapshotId) {
    this.node = node;
    this.function = function;
    this.snapshotId = snapshotId;
  }

  /** Completes when the working set is kept, or could not be had. */
  public Future<Void> run() {
    return new HotStart(node, function, new FunctionLog(LOG_BYTES), snapshotId)
        .run(RestoreMode.LAZY)
        .compose(
            instance ->
                sample(instance)
                    .compose(unused -> keep(node, instance))
                    .eventually(() -> node.release(instance)))
        .recover(
            e -> {
              LOG.log(
                  Logger.Level.WARNING,
                  "event=trial-failed function={0} snapshot={1} error=\"{2}\"",
                  function.name(),
                  snapshotId,
                  e.getMessage());
              return Future.succeededFuture();
            });
  }

  private Future<Void> sample(Instance instance) {
    List<JsonNode> events = function.settings().warmup().events();
    return events.isEmpty()
        ? Future.succeededFuture()
        : Conversation.with(node, function).sample(instance, events.get(0), "warmup-0").mapEmpty();
  }

  /**
   * After its first response a lazily restored instance tells what it needed for it; one that was
   * not restored lazily has nothing to tell.
   */
  public static Future<Void> keep(Node node, Instance instance) {
    Instance.Origin origin = instance.origin();
    if (origin == null || origin.pages() == null) {
      return Future.succeededFuture();
    }
    return node.onLoop(origin.pages().workingSet())
        .compose(
            workingSet ->
                node.workers()
                    .file(
                        () -> {
                          node.workingSets().keep(origin.id(), workingSet);
                          return null;
                        }));
  }
}
