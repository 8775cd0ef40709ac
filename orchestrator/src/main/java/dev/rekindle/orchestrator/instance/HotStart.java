package dev.rekindle.orchestrator.instance;

import dev.rekindle.api.EventType;
import dev.rekindle.api.RestoreMode;
import dev.rekindle.engine.LazilyRestoredProcess;
import dev.rekindle.engine.RestoreException;
import dev.rekindle.engine.RestoredProcess;
import dev.rekindle.engine.pages.LazyOptions;
import dev.rekindle.engine.pages.PageSession;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.function.FunctionLog;
import dev.rekindle.orchestrator.snapshot.SnapshotCatalog;
import dev.rekindle.store.ArrivingFiles;
import dev.rekindle.store.SnapshotLease;
import dev.rekindle.store.StoreException;
import dev.rekindle.warmers.channel.RestoreContext;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Restores a function from a snapshot. */
final class HotStart {
  /** A hook that runs longer than this costs more than a cold start would. */
  private static final Duration HOOK_TIMEOUT = Duration.ofSeconds(10);

  private final Node node;
  private final DeployedFunction function;
  private final FunctionLog log;
  private final String snapshotId;
  private final Conversation conversation;

  /** Whether the last attempt began before all files were here. */
  private volatile boolean fromAfar;

  HotStart(Node node, DeployedFunction function, FunctionLog log, String snapshotId) {
    this.node = node;
    this.function = function;
    this.log = log;
    this.snapshotId = snapshotId;
    this.conversation = Conversation.with(node, function);
  }

  /**
   * Succeeds with an instance that takes events. Fails with what went wrong; nothing is left then.
   */
  Future<Instance> run() {
    return run(function.settings().restoreMode());
  }

  /** The same, with another mode than the function's own. */
  Future<Instance> run(RestoreMode wanted) {
    boolean mayArrive = wanted == RestoreMode.AUTO || wanted == RestoreMode.LAZY;
    return attempt(node.snapshots().modes(snapshotId, wanted), mayArrive, System.nanoTime());
  }

  /**
   * Tries the first mode, and the next one if CRIU refuses: it may be one that suits it better.
   *
   * @param mayArrive whether to restore lazily, in place of the first mode, while files are still
   *     on their way to this node
   */
  private Future<Instance> attempt(List<RestoreMode> modes, boolean mayArrive, long started) {
    RestoreMode mode = modes.get(0);
    return node.workers()
        .start(() -> restore(mode, mayArrive, started))
        .compose(this::greeted)
        .recover(
            e -> {
              if (isRefused(e) && fromAfar) {
                fromAfar = false;
                return attempt(modes, false, started); // with all its files it may go better
              }
              if (modes.size() == 1 || !isRefused(e)) {
                return Future.failedFuture(e);
              }
              node.snapshots().avoid(snapshotId, mode);
              node.events()
                  .add(
                      EventType.FAILURE,
                      function.name(),
                      null,
                      snapshotId,
                      "%s restore, now trying %s: %s"
                          .formatted(mode.wire(), modes.get(1).wire(), e.getMessage()),
                      null);
              return attempt(modes.subList(1, modes.size()), mayArrive, started);
            });
  }

  private static boolean isRefused(Throwable e) {
    return e instanceof RestoreException restore
        && restore.kind() == RestoreException.Cause.REFUSED;
  }

  private Future<Instance> greeted(Restored restored) {
    return node.onLoop(restored.greeted())
        .compose(
            answer ->
                conversation.afterRestore(
                    restored.instance(), restored.context(), answer, HOOK_TIMEOUT))
        .map(unused -> restored.instance().readyNow())
        .recover(e -> abandon(restored.instance(), e));
  }

  /** Does ahead what can be done of a restore of the snapshot. Blocks. */
  void prepare() throws StoreException {
    if (!node.store().storage(snapshotId).local()) {
      return; // not worth fetching it for
    }
    RestoreMode mode = node.snapshots().modes(snapshotId, function.settings().restoreMode()).get(0);
    try (SnapshotLease lease = node.store().open(snapshotId)) {
      node.engine().prepare(lease.directory(), engineMode(mode), Sandboxes.spec(node, function));
    }
  }

  private static dev.rekindle.engine.RestoreMode engineMode(RestoreMode mode) {
    return switch (mode) {
      case AUTO, MAPPED -> dev.rekindle.engine.RestoreMode.MAPPED;
      case LAZY -> dev.rekindle.engine.RestoreMode.LAZY;
      case EAGER -> dev.rekindle.engine.RestoreMode.EAGER;
    };
  }

  /** A function that runs again, what it is to know, and its answer to the greeting with that. */
  private record Restored(
      Instance instance, RestoreContext context, CompletableFuture<Buffer> greeted) {}

  private Future<Instance> abandon(Instance instance, Throwable why) {
    return node.release(instance).transform(done -> Future.failedFuture(why));
  }

  private Restored restore(RestoreMode mode, boolean mayArrive, long started)
      throws StoreException {
    // Before any of it is fetched: it may be of no use here.
    node.store().find(snapshotId).ifPresent(manifest -> requireFitting(manifest.requirements()));
    SnapshotLease lease =
        mayArrive
            ? node.store().openArriving(snapshotId, DistantPages::isPagesFile)
            : node.store().open(snapshotId);
    long fetchedNanos = System.nanoTime();
    try {
      requireFitting(lease.manifest().requirements());
      long request =
          Long.parseLong(
              lease.manifest().labels().getOrDefault(SnapshotCatalog.LABEL_REQUEST, "0"));
      RestoreContext context = Conversation.context(node, function);
      RestoredProcess process;
      PageSession pages = null;
      RestoreMode used = mode;
      Optional<ArrivingFiles> arriving = lease.arriving();
      fromAfar = arriving.isPresent();
      if (arriving.isPresent()) {
        LazilyRestoredProcess lazy = restoreFromAfar(lease, arriving.get(), context);
        process = lazy.process();
        pages = lazy.pages();
        used = RestoreMode.LAZY;
      } else if (mode == RestoreMode.LAZY) {
        LazilyRestoredProcess lazy = restoreLazily(lease, context);
        process = lazy.process();
        pages = lazy.pages();
      } else {
        process = restore(lease, engineMode(mode), context);
      }
      Instance.Origin origin = new Instance.Origin(lease, request, used, pages);
      Instance instance =
          new Instance(process.sandbox(), process.pid(), origin, node.clock().instant(), started);
      instance.fetched(fetchedNanos - started);
      return new Restored(
          instance,
          context,
          process
              .greeted()
              .thenApply(HotStart::buffer)
              .orTimeout(HOOK_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
    } catch (RuntimeException | StoreException e) {
      lease.close();
      throw e;
    }
  }

  private void requireFitting(Map<String, String> requirements) {
    Optional<String> mismatch = Runtimes.mismatch(node, function, requirements);
    if (mismatch.isPresent()) {
      throw RestoreException.incompatible(mismatch.get());
    }
  }

  private static Buffer buffer(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return Buffer.buffer(copy);
  }

  private RestoredProcess restore(
      SnapshotLease lease, dev.rekindle.engine.RestoreMode mode, RestoreContext context) {
    return node.engine()
        .restore(
            lease.directory(),
            lease.manifest().requirements(),
            mode,
            Sandboxes.spec(node, function),
            (stream, bytes) -> log.append(bytes),
            conversation.greeting(context));
  }

  /** The first restores note what they need; later ones have it brought first. */
  private LazilyRestoredProcess restoreLazily(SnapshotLease lease, RestoreContext context) {
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
                .orElseGet(LazyOptions::recording),
            conversation.greeting(context));
  }

  /** Its memory is not here yet, and comes when it is needed, what is known to be needed first. */
  private LazilyRestoredProcess restoreFromAfar(
      SnapshotLease lease, ArrivingFiles arriving, RestoreContext context) throws StoreException {
    var pages = new DistantPages(lease, arriving);
    LazyOptions options = pages.fetchFirst(() -> node.workingSets().find(snapshotId));
    return node.engine()
        .restoreLazily(
            lease.directory(),
            lease.manifest().requirements(),
            Sandboxes.spec(node, function),
            (stream, bytes) -> log.append(bytes),
            Optional.of(pages.source()),
            options,
            conversation.greeting(context));
  }
}
