package dev.rekindle.orchestrator.pool;

import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.instance.Node;
import dev.rekindle.orchestrator.instance.Runtimes;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
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

  private final Node node;

  public SnapshotDiscovery(Node node) {
    this.node = node;
  }

  /** Looks for all functions, and goes on doing so. */
  public void watch(FunctionRegistry functions, long periodMs) {
    functions.all().forEach(registered -> look(registered.function()));
    node.vertx().setPeriodic(periodMs, tick -> functions.all().forEach(this::lookAhead));
  }

  /** A function that is in use here gets the newest snapshot before its next start needs it. */
  private void lookAhead(FunctionRegistry.Registered registered) {
    look(registered.function())
        .onSuccess(
            done -> {
              if (!registered.pool().instances().isEmpty()) {
                node.snapshots().views(registered.function(), true).stream()
                    .max(Comparator.comparing(SnapshotView::createdAt))
                    .ifPresent(newest -> node.store().prefetch(newest.id()));
              }
            });
  }

  /** Looks for the snapshots of one function; a store that does not answer is only logged. */
  Future<Void> look(DeployedFunction function) {
    return node.workers()
        .file(() -> fitting(function))
        .<Void>map(
            found -> {
              node.snapshots().adopt(function.identity(), found);
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
  private List<SnapshotManifest> fitting(DeployedFunction function) throws Exception {
    return node.store().look(function.identity()).stream()
        .filter(manifest -> misfit(function, manifest.requirements()).isEmpty())
        .toList();
  }

  private Optional<String> misfit(DeployedFunction function, Map<String, String> requirements) {
    Optional<String> host = node.engine().host().mismatch(requirements);
    return host.isPresent() ? host : Runtimes.mismatch(node, function, requirements);
  }
}
