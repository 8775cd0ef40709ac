package dev.rekindle.orchestrator;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.RestoreMode;
import dev.rekindle.engine.PageSession;
import io.vertx.core.Future;
import java.lang.System.Logger;
import java.util.List;
import java.util.Objects;

/**
 * Restores a fresh snapshot once, off every request's path, to learn which pages a restore needs:
 * other nodes fetch these first. It serves no request; if the function has sample events to warm up
 * with, it serves one of these.
 */
final class WorkingSetTrial {
  private static final Logger LOG = System.getLogger(WorkingSetTrial.class.getName());

  /** Of the trial's output, which nobody reads. */
  private static final int LOG_BYTES = 4 << 10;

  private final Node node;
  private final DeployedFunction function;
  private final String snapshotId;

  WorkingSetTrial(Node node, DeployedFunction function, String snapshotId) {
    this.node = node;
    this.function = function;
    this.snapshotId = snapshotId;
  }

  /** Completes when the working set is kept, or could not be had. */
  Future<Void> run() {
    return new HotStart(node, function, new FunctionLog(LOG_BYTES), snapshotId)
        .run(RestoreMode.LAZY)
        .compose(
            instance ->
                sample(instance)
                    .compose(unused -> keep(instance))
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

  private Future<Void> keep(Instance instance) {
    PageSession pages = Objects.requireNonNull(instance.origin()).pages();
    return node.onLoop(Objects.requireNonNull(pages).workingSet())
        .compose(
            set ->
                node.workers()
                    .<Void>file(
                        () -> {
                          node.workingSets().keep(snapshotId, set);
                          return null;
                        }));
  }
}
