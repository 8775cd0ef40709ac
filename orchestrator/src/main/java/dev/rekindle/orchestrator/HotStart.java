package dev.rekindle.orchestrator;

import dev.rekindle.api.RestoreMode;
import dev.rekindle.engine.LazilyRestoredProcess;
import dev.rekindle.engine.LazyOptions;
import dev.rekindle.engine.RestoreException;
import dev.rekindle.engine.RestoredProcess;
import dev.rekindle.store.SnapshotLease;
import dev.rekindle.store.StoreException;
import dev.rekindle.warmers.RestoreContext;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Optional;

/** Restores a function from a snapshot. */
final class HotStart {
  /** A hook that runs longer than this costs more than a cold start would. */
  private static final Duration HOOK_TIMEOUT = Duration.ofSeconds(10);

  private final Node node;
  private final DeployedFunction function;
  private final FunctionLog log;
  private final String snapshotId;

  HotStart(Node node, DeployedFunction function, FunctionLog log, String snapshotId) {
    this.node = node;
    this.function = function;
    this.log = log;
    this.snapshotId = snapshotId;
  }

  /**
   * Succeeds with an instance that takes events. Fails with what went wrong; nothing is left then.
   */
  Future<Instance> run() {
    long started = System.nanoTime();
    return node.workers()
        .start(() -> restore(started))
        .compose(
            instance ->
                Conversation.with(node, function)
                    .afterRestore(instance, context(), HOOK_TIMEOUT)
                    .map(unused -> instance.readyNow())
                    .recover(
                        e -> node.release(instance).transform(done -> Future.failedFuture(e))));
  }

  private Instance restore(long started) throws StoreException {
    SnapshotLease lease = node.store().open(snapshotId);
    try {
      Optional<String> mismatch =
          Runtimes.mismatch(node, function, lease.manifest().requirements());
      if (mismatch.isPresent()) {
        throw RestoreException.incompatible(mismatch.get());
      }
      long request =
          Long.parseLong(
              lease.manifest().labels().getOrDefault(SnapshotCatalog.LABEL_REQUEST, "0"));
      RestoreMode mode = function.settings().restoreMode();
      return switch (mode) {
        case LAZY -> {
          LazilyRestoredProcess lazy = restoreLazily(lease);
          yield instance(
              lazy.process(),
              new Instance.Origin(lease, request, RestoreMode.LAZY, lazy.pages()),
              started);
        }
        case EAGER ->
            instance(
                restore(lease, dev.rekindle.engine.RestoreMode.EAGER),
                new Instance.Origin(lease, request, RestoreMode.EAGER, null),
                started);
        case AUTO, MAPPED ->
            instance(
                restore(lease, dev.rekindle.engine.RestoreMode.MAPPED),
                new Instance.Origin(lease, request, RestoreMode.MAPPED, null),
                started);
      };
    } catch (RuntimeException e) {
      lease.close();
      throw e;
    }
  }

  private Instance instance(RestoredProcess restored, Instance.Origin origin, long started) {
    return new Instance(
        restored.sandbox(), restored.pid(), origin, node.clock().instant(), started);
  }

  private RestoredProcess restore(SnapshotLease lease, dev.rekindle.engine.RestoreMode mode) {
    return node.engine()
        .restore(
            lease.directory(),
            lease.manifest().requirements(),
            mode,
            Sandboxes.spec(node, function),
            (stream, bytes) -> log.append(bytes));
  }

  /** The first restores note what they need; later ones have it brought first. */
  private LazilyRestoredProcess restoreLazily(SnapshotLease lease) {
    return node.engine()
        .restoreLazily(
            lease.directory(),
            lease.manifest().requirements(),
            Sandboxes.spec(node, function),
            (stream, bytes) -> log.append(bytes),
            Optional.empty(),
            node.workingSets()
                .find(snapshotId)
                .map(LazyOptions::prefetching)
                .orElseGet(LazyOptions::recording));
  }

  private RestoreContext context() {
    byte[] entropy = new byte[RestoreContext.ENTROPY_BYTES];
    node.random().nextBytes(entropy);
    return new RestoreContext(
        function.settings().environment(), Buffer.buffer(entropy), node.clock().instant());
  }
}
