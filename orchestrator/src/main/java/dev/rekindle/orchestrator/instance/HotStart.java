package dev.rekindle.orchestrator.instance;

import dev.rekindle.api.RestoreMode;
import dev.rekindle.engine.LazilyRestoredProcess;
import dev.rekindle.engine.RestoreException;
import dev.rekindle.engine.RestoredProcess;
import dev.rekindle.engine.SnapshotEngine;
import dev.rekindle.engine.pages.LazyOptions;
import dev.rekindle.engine.pages.PageSession;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.orchestrator.node.Workers;
import dev.rekindle.orchestrator.snapshot.SnapshotCatalog;
import dev.rekindle.orchestrator.snapshot.SnapshotLabels;
import dev.rekindle.orchestrator.snapshot.WorkingSets;
import dev.rekindle.store.ArrivingFiles;
import dev.rekindle.store.SnapshotLease;
import dev.rekindle.store.SnapshotStore;
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
import org.jspecify.annotations.Nullable;

/** Restores a function from a snapshot. */
public final class HotStart {
  /** A hook that runs longer than this costs more than a cold start would. */
  private static final Duration HOOK_TIMEOUT = Duration.ofSeconds(10);

  private final Parts parts;
  private final FunctionRuntime runtime;
  private final FunctionJournal journal;
  private final String snapshotId;

  /**
   * What every restore uses.
   *
   * @param engine restores
   * @param store holds the snapshots' files
   * @param workingSets what lazy restores need first
   * @param catalog knows the modes that each snapshot has refused
   * @param workers may block
   * @param loop the service's event loop
   */
  public record Parts(
      SnapshotEngine engine,
      SnapshotStore store,
      WorkingSets workingSets,
      SnapshotCatalog catalog,
      Workers workers,
      EventLoop loop) {}

  /** A restore of one snapshot. */
  public HotStart(
      Parts parts, FunctionRuntime runtime, FunctionJournal journal, String snapshotId) {
    this.parts = parts;
    this.runtime = runtime;
    this.journal = journal;
    this.snapshotId = snapshotId;
  }

  /** A restore that was refused before all files of the snapshot were on this node. */
  private static final class RefusedFromAfar extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedFromAfar(RestoreException why) {
      super(why.getMessage(), why);
    }
  }

  /**
   * Succeeds with an instance that takes events. Fails with what went wrong; nothing is left then.
   */
  public Future<Instance> run() {
    return run(runtime.function().settings().restoreMode());
  }

  /** The same, with another mode than the function's own. */
  public Future<Instance> run(RestoreMode wanted) {
    boolean mayArrive = wanted == RestoreMode.AUTO || wanted == RestoreMode.LAZY;
    return attempt(parts.catalog().modes(snapshotId, wanted), mayArrive, parts.loop().nanoTime());
  }

  /**
   * Tries the first mode, and the next one if CRIU refuses: it may be one that suits it better.
   *
   * @param mayArrive whether to restore lazily, in place of the first mode, while files are still
   *     on their way to this node
   */
  private Future<Instance> attempt(List<RestoreMode> modes, boolean mayArrive, long started) {
    RestoreMode mode = modes.get(0);
    return parts
        .workers()
        .start(() -> restore(mode, mayArrive, started))
        .compose(this::notifyRestored)
        .recover(
            e -> {
              if (e instanceof RefusedFromAfar) {
                return attempt(modes, false, started); // with all its files it may go better
              }
              if (modes.size() == 1 || !isRefused(e)) {
                return Future.failedFuture(e);
              }
              parts.catalog().avoid(snapshotId, mode);
              journal.restoreRefused(snapshotId, mode, modes.get(1), e);
              return attempt(modes.subList(1, modes.size()), mayArrive, started);
            });
  }

  private static boolean isRefused(Throwable e) {
    return e instanceof RestoreException restore
        && restore.kind() == RestoreException.Cause.REFUSED;
  }

  private Future<Instance> notifyRestored(Restored restored) {
    Instance instance = restored.instance();
    return parts
        .loop()
        .future(restored.answered())
        .compose(
            answer ->
                runtime
                    .protocol()
                    .notifyRestored(instance, restored.context(), answer, HOOK_TIMEOUT))
        .map(unused -> instance.ready(parts.loop().nanoTime()))
        .recover(
            e -> instance.release(parts.workers()).transform(released -> Future.failedFuture(e)));
  }

  /** Does ahead what can be done of a restore of the snapshot. Blocks. */
  public void prepare() throws StoreException {
    if (!parts.store().storage(snapshotId).local()) {
      return; // not worth fetching it for
    }
    RestoreMode mode =
        parts.catalog().modes(snapshotId, runtime.function().settings().restoreMode()).get(0);
    try (SnapshotLease lease = parts.store().open(snapshotId)) {
      parts.engine().prepare(lease.directory(), engineMode(mode), runtime.sandboxSpec());
    }
  }

  private static dev.rekindle.engine.RestoreMode engineMode(RestoreMode mode) {
    return switch (mode) {
      case AUTO, MAPPED -> dev.rekindle.engine.RestoreMode.MAPPED;
      case LAZY -> dev.rekindle.engine.RestoreMode.LAZY;
      case EAGER -> dev.rekindle.engine.RestoreMode.EAGER;
    };
  }

  /** A function that runs again, what it is to know, and its answer to that. */
  private record Restored(
      Instance instance, RestoreContext context, CompletableFuture<Buffer> answered) {}

  /** A process that runs again, how its memory came back, and who serves the rest of it. */
  private record Revived(RestoredProcess process, RestoreMode mode, @Nullable PageSession pages) {
    static Revived lazily(LazilyRestoredProcess lazy) {
      return new Revived(lazy.process(), RestoreMode.LAZY, lazy.pages());
    }
  }

  /** Blocks: on a worker. */
  private Restored restore(RestoreMode mode, boolean mayArrive, long started)
      throws StoreException, RefusedFromAfar {
    // Before any of it is fetched: it may be of no use here.
    parts.store().find(snapshotId).ifPresent(m -> requireFitting(m.requirements()));
    SnapshotLease lease =
        mayArrive
            ? parts.store().openArriving(snapshotId, RemotePages::isPagesFile)
            : parts.store().open(snapshotId);
    long fetchedNanos = parts.loop().nanoTime();
    try {
      RestoreContext context = runtime.protocol().restoreContext();
      Revived revived = revive(mode, lease, context);
      Instance.Origin origin =
          new Instance.Origin(
              lease,
              SnapshotLabels.of(lease.manifest()).request(),
              revived.mode(),
              revived.pages());
      RestoredProcess process = revived.process();
      Instance instance =
          new Instance(
              process.sandbox(), process.pid(), origin, parts.loop().clock().instant(), started);
      instance.fetched(fetchedNanos - started);
      return new Restored(
          instance,
          context,
          process
              .greeted()
              .thenApply(HotStart::buffer)
              .orTimeout(HOOK_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
    } catch (RuntimeException | StoreException | RefusedFromAfar e) {
      lease.close();
      throw e;
    }
  }

  private Revived revive(RestoreMode mode, SnapshotLease lease, RestoreContext context)
      throws StoreException, RefusedFromAfar {
    Optional<ArrivingFiles> arriving = lease.arriving();
    if (arriving.isPresent()) {
      try {
        return Revived.lazily(restoreFromAfar(lease, arriving.get(), context));
      } catch (RestoreException e) {
        if (isRefused(e)) {
          throw new RefusedFromAfar(e);
        }
        throw e;
      }
    }
    return mode == RestoreMode.LAZY
        ? Revived.lazily(restoreLazily(lease, context))
        : new Revived(restore(lease, engineMode(mode), context), mode, null);
  }

  private void requireFitting(Map<String, String> requirements) {
    Optional<String> mismatch = runtime.mismatch(requirements);
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
    return parts
        .engine()
        .restore(
            lease.directory(),
            lease.manifest().requirements(),
            mode,
            runtime.sandboxSpec(),
            (stream, bytes) -> runtime.log().append(bytes),
            runtime.protocol().restoreMessage(context));
  }

  /** The first restores note what they need; later ones get it first. */
  private LazilyRestoredProcess restoreLazily(SnapshotLease lease, RestoreContext context) {
    return parts
        .engine()
        .restoreLazily(
            lease.directory(),
            lease.manifest().requirements(),
            runtime.sandboxSpec(),
            (stream, bytes) -> runtime.log().append(bytes),
            Optional.empty(),
            parts
                .workingSets()
                .find(snapshotId)
                .map(LazyOptions::prefetching)
                .orElseGet(LazyOptions::recording),
            runtime.protocol().restoreMessage(context));
  }

  /** Its memory is not here yet, and comes when it is needed, what is known to be needed first. */
  private LazilyRestoredProcess restoreFromAfar(
      SnapshotLease lease, ArrivingFiles arriving, RestoreContext context) throws StoreException {
    var pages = new RemotePages(lease, arriving);
    LazyOptions options = pages.fetchFirst(() -> parts.workingSets().find(snapshotId));
    return parts
        .engine()
        .restoreLazily(
            lease.directory(),
            lease.manifest().requirements(),
            runtime.sandboxSpec(),
            (stream, bytes) -> runtime.log().append(bytes),
            Optional.of(pages.source()),
            options,
            runtime.protocol().restoreMessage(context));
  }
}
