package dev.rekindle.orchestrator.snapshot;

import dev.rekindle.api.EventType;
import dev.rekindle.engine.SnapshotEngine;
import dev.rekindle.orchestrator.node.EventLog;
import dev.rekindle.orchestrator.node.Workers;
import dev.rekindle.store.SnapshotStore;
import io.vertx.core.Future;

/**
 * The snapshots of this node: what is known of each, where their files are, and how they go. Lives
 * on the event loop; files are deleted by workers.
 *
 * @param catalog what is known of each snapshot
 * @param store keeps their files
 * @param engine has files of theirs open
 * @param savings what each snapshot is worth
 * @param workers may block
 * @param events what happened
 */
public record Snapshots(
    SnapshotCatalog catalog,
    SnapshotStore store,
    SnapshotEngine engine,
    SnapshotSavings savings,
    Workers workers,
    EventLog events) {

  /** Removes a snapshot; instances restored from it live on. */
  public Future<Void> delete(String id) {
    return remove(
        id,
        () -> {
          store.delete(id);
          engine.forgetDeleted();
        });
  }

  /** Removes a snapshot that no function here owns from this node; others may still use it. */
  public Future<Void> forget(String id) {
    return remove(id, () -> store.forget(id));
  }

  private interface Removal {
    void run() throws Exception;
  }

  private Future<Void> remove(String id, Removal removal) {
    catalog.remove(id);
    return workers
        .<Void>file(
            () -> {
              removal.run();
              return null;
            })
        .onFailure(
            e -> events.add(EventType.FAILURE, "", null, id, "delete: " + e.getMessage(), null));
  }
}
