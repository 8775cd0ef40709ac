package dev.rekindle.orchestrator;

import dev.rekindle.api.RestoreMode;
import dev.rekindle.engine.LazilyRestoredProcess;
import dev.rekindle.engine.LazyOptions;
import dev.rekindle.engine.RestoreException;
import dev.rekindle.engine.RestoredProcess;
import dev.rekindle.store.ArrivingFiles;
import dev.rekindle.store.SnapshotLease;
import dev.rekindle.store.StoreException;
import dev.rekindle.warmers.RestoreContext;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
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
    return run(function.settings().restoreMode());
  }

  /** The same, with another mode than the function's own. */
  Future<Instance> run(RestoreMode mode) {
    long started = System.nanoTime();
    return node.workers()
        .start(() -> restore(mode, started))
        .compose(
            instance ->
                node.channel()
                    .afterRestore(instance.socket(), context(), HOOK_TIMEOUT)
                    .map(unused -> instance.readyNow())
                    .recover(
                        e -> node.release(instance).transform(done -> Future.failedFuture(e))));
  }

  private Instance restore(RestoreMode mode, long started) throws StoreException {
    // Before any of it is fetched: it may be of no use here.
    node.store().find(snapshotId).ifPresent(manifest -> requireFitting(manifest.requirements()));
    boolean mayArrive = mode == RestoreMode.AUTO || mode == RestoreMode.LAZY;
    SnapshotLease lease =
        mayArrive
            ? node.store().openArriving(snapshotId, DistantPages::isPagesFile)
            : node.store().open(snapshotId);
    long fetchedNanos = System.nanoTime();
    try {
      requireFitting(lease.manifest().requirements());
      Instance instance = restore(lease, mode, started);
      instance.fetched(fetchedNanos - started);
      return instance;
    } catch (RuntimeException | StoreException e) {
      lease.close();
      throw e;
    }
  }

  private Instance restore(SnapshotLease lease, RestoreMode mode, long started)
      throws StoreException {
    Optional<ArrivingFiles> arriving = lease.arriving();
    if (arriving.isPresent()) {
      return instance(lease, restoreFromAfar(lease, arriving.get()), started);
    }
    return switch (mode) {
      case LAZY -> instance(lease, restoreLazily(lease), started);
      case EAGER ->
          instance(
              lease,
              restore(lease, dev.rekindle.engine.RestoreMode.EAGER),
              RestoreMode.EAGER,
              started);
      case AUTO, MAPPED ->
          instance(
              lease,
              restore(lease, dev.rekindle.engine.RestoreMode.MAPPED),
              RestoreMode.MAPPED,
              started);
    };
  }

  private void requireFitting(Map<String, String> requirements) {
    Optional<String> mismatch = Runtimes.mismatch(node, function, requirements);
    if (mismatch.isPresent()) {
      throw RestoreException.incompatible(mismatch.get());
    }
  }

  private Instance instance(
      SnapshotLease lease, RestoredProcess restored, RestoreMode mode, long started) {
    return new Instance(
        restored.sandbox(),
        restored.pid(),
        new Instance.Origin(lease, request(lease), mode, null),
        node.clock().instant(),
        started);
  }

  private Instance instance(SnapshotLease lease, LazilyRestoredProcess lazy, long started) {
    return new Instance(
        lazy.process().sandbox(),
        lazy.process().pid(),
        new Instance.Origin(lease, request(lease), RestoreMode.LAZY, lazy.pages()),
        node.clock().instant(),
        started);
  }

  private static long request(SnapshotLease lease) {
    return Long.parseLong(
        lease.manifest().labels().getOrDefault(SnapshotCatalog.LABEL_REQUEST, "0"));
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

  /** Its memory is not here yet, and comes when it is needed, what is known to be needed first. */
  private LazilyRestoredProcess restoreFromAfar(SnapshotLease lease, ArrivingFiles arriving)
      throws StoreException {
    var pages = new DistantPages(lease, arriving);
    LazyOptions options = pages.fetchFirst(() -> node.workingSets().find(snapshotId));
    return node.engine()
        .restoreLazily(
            lease.directory(),
            lease.manifest().requirements(),
            Sandboxes.spec(node, function),
            (stream, bytes) -> log.append(bytes),
            Optional.of(pages.source()),
            options);
  }

  private RestoreContext context() {
    byte[] entropy = new byte[RestoreContext.ENTROPY_BYTES];
    node.random().nextBytes(entropy);
    Map<String, String> environment = new LinkedHashMap<>(function.settings().environment());
    // Another node, or an earlier deployment of the same code, gave it another number.
    environment.put("AWS_LAMBDA_FUNCTION_VERSION", Integer.toString(function.version()));
    return new RestoreContext(environment, Buffer.buffer(entropy), node.clock().instant());
  }
}
