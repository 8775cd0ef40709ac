package dev.rekindle.orchestrator.pool;

import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.instance.FunctionRuntime;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.snapshot.Snapshots;
import dev.rekindle.store.SnapshotManifest;
import io.vertx.core.Future;
import java.lang.System.Logger;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds snapshots that other nodes have made of the functions of this one: when a function is
 * deployed, when the service starts, and from time to time.
 */
public final class SnapshotDiscovery {
  private static final Logger LOG = System.getLogger(SnapshotDiscovery.class.getName());

  private final Snapshots snapshots;
  private final EventLoop loop;

  /** Looks in the store of those snapshots. */
  public SnapshotDiscovery(Snapshots snapshots, EventLoop loop) {
    this.snapshots = snapshots;
    this.loop = loop;
  }

  /** Looks for all functions, and goes on doing so. */
  public void watch(FunctionRegistry functions, long periodMs) {
    functions.all().forEach(registered -> look(registered.runtime()));
    loop.every(periodMs, () -> functions.all().forEach(this::lookAhead));
  }

  /** A function that is in use here gets the newest snapshot before its next start needs it. */
  private void lookAhead(FunctionRegistry.Registered registered) {
    look(registered.runtime())
        .onSuccess(
            done -> {
              if (!registered.pool().instances().isEmpty()) {
                snapshots.catalog().views(registered.function(), true).stream()
                    .max(Comparator.comparing(SnapshotView::createdAt))
                    .ifPresent(newest -> snapshots.store().prefetch(newest.id()));
              }
            });
  }

  /** Looks for the snapshots of one function; a store that does not answer is only logged. */
  Future<Void> look(FunctionRuntime runtime) {
    DeployedFunction function = runtime.function();
    return snapshots
        .workers()
        .file(() -> fitting(runtime))
        .<Void>map(
            found -> {
              snapshots.catalog().adopt(function.identity(), found);
              return null;
            })
        .recover(
            e -> {
              LOG.log(
                  Logger.Level.WARNING,
                  "event=look-failed function={0} error=\"{1}\"",
                  function.name(),
                  e.getMessage());
              return Future.succeededFuture();
            });
  }

  /** Blocks. */
  private List<SnapshotManifest> fitting(FunctionRuntime runtime) throws Exception {
    return snapshots.store().look(runtime.function().identity()).stream()
        .filter(manifest -> misfit(runtime, manifest.requirements()).isEmpty())
        .toList();
  }

  private Optional<String> misfit(FunctionRuntime runtime, Map<String, String> requirements) {
    Optional<String> host = snapshots.engine().host().mismatch(requirements);
    return host.isPresent() ? host : runtime.mismatch(requirements);
  }
}
