package dev.rekindle.orchestrator.instance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.RestoreMode;
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

  private final HotStart.Parts parts;
  private final FunctionRuntime runtime;
  private final FunctionJournal journal;

  /** Trials of one version. */
  public WorkingSetTrial(HotStart.Parts parts, FunctionRuntime runtime, FunctionJournal journal) {
    this.parts = parts;
    this.runtime = runtime.withLog(new FunctionLog(LOG_BYTES));
    this.journal = journal;
  }

  /** Completes when the working set of a snapshot is kept, or could not be had. */
  public Future<Void> run(String snapshotId) {
    return new HotStart(parts, runtime, journal, snapshotId)
        .run(RestoreMode.LAZY)
        .compose(
            instance ->
                sample(instance)
                    .compose(unused -> keep(instance))
                    .eventually(() -> instance.release(parts.workers())))
        .recover(
            e -> {
              LOG.log(
                  Logger.Level.WARNING,
                  "event=trial-failed function={0} snapshot={1} error=\"{2}\"",
                  runtime.name(),
                  snapshotId,
                  e.getMessage());
              return Future.succeededFuture();
            });
  }

  private Future<Void> sample(Instance instance) {
    List<JsonNode> events = runtime.function().settings().warmup().events();
    return events.isEmpty()
        ? Future.succeededFuture()
        : runtime.protocol().sample(instance, events.get(0), "warmup-0").mapEmpty();
  }

  /**
   * Keeps what a lazily restored instance needed for its first response; one that was not restored
   * lazily has nothing to keep.
   */
  public Future<Void> keep(Instance instance) {
    Instance.Origin origin = instance.origin();
    if (origin == null || origin.pages() == null) {
      return Future.succeededFuture();
    }
    return parts
        .loop()
        .future(origin.pages().workingSet())
        .compose(
            workingSet ->
                parts
                    .workers()
                    .file(
                        () -> {
                          parts.workingSets().keep(origin.id(), workingSet);
                          return null;
                        }));
  }
}
