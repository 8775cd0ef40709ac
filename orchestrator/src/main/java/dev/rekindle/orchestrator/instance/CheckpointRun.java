package dev.rekindle.orchestrator.instance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.engine.CheckpointException;
import dev.rekindle.engine.CheckpointResult;
import dev.rekindle.engine.SnapshotEngine;
import dev.rekindle.engine.pages.PageSession;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.orchestrator.node.Workers;
import dev.rekindle.orchestrator.snapshot.SnapshotLabels;
import dev.rekindle.store.SnapshotDraft;
import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.SnapshotStore;
import dev.rekindle.store.StoreException;
import dev.rekindle.warmers.channel.ChannelException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Freezes one idle instance into a snapshot. The instance takes no requests meanwhile. */
public final class CheckpointRun {
  private static final Duration HOOK_TIMEOUT = Duration.ofSeconds(30);

  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  private final Parts parts;
  private final FunctionRuntime runtime;
  private final Instance instance;
  private final String snapshotId;
  private final long request;
  private final Promise<Boolean> resumed = Promise.promise();

  /** Whether the dump is done. Only the event loop looks at it. */
  private boolean dumped;

  /**
   * What every checkpoint uses.
   *
   * @param engine dumps
   * @param store keeps the snapshot
   * @param workers may block
   * @param loop the service's event loop
   */
  public record Parts(
      SnapshotEngine engine, SnapshotStore store, Workers workers, EventLoop loop) {}

  /** A checkpoint of an instance, which gets that id. */
  public CheckpointRun(Parts parts, FunctionRuntime runtime, Instance instance, String snapshotId) {
    this.parts = parts;
    this.runtime = runtime;
    this.instance = instance;
    this.snapshotId = snapshotId;
    this.request = instance.life().request();
  }

  /**
   * The two ends of a checkpoint. Both complete on the event loop, {@code resumed} first.
   *
   * @param resumed never fails: whether the instance runs again and may serve; usually before the
   *     snapshot is stored
   * @param stored the snapshot; fails with {@link Failed}
   */
  public record Freeze(Future<Boolean> resumed, Future<Taken> stored) {}

  /**
   * A snapshot that was made.
   *
   * @param manifest what the store keeps
   * @param request how many requests the process had served
   * @param pause how long the instance stood still
   * @param work what it took of the host: the pause, and the rest of the time that it took, divided
   *     by the number of processors
   * @param memory what the instance held
   */
  public record Taken(
      SnapshotManifest manifest, long request, Duration pause, Duration work, Memory memory) {}

  /**
   * Resident memory of all processes of an instance, measured.
   *
   * @param beforeBytes after its warm-up, before it prepared
   * @param afterBytes after it had collected its garbage and given memory back
   */
  public record Memory(long beforeBytes, long afterBytes) {}

  /** A checkpoint that failed. */
  public static final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final boolean instanceUsable;
    private final ProblemCode code;

    Failed(String message, boolean instanceUsable, ProblemCode code) {
      super(message);
      this.instanceUsable = instanceUsable;
      this.code = code;
    }

    /** What a caller who asked for it gets. */
    public ProblemCode code() {
      return code;
    }
  }

  /** Warms, prepares, dumps and stores. To be called once, on the event loop. */
  public Freeze start() {
    Future<Taken> stored =
        warmUp(0)
            .compose(unused -> awaitPages())
            .compose(unused -> residentBytes())
            .compose(
                before ->
                    runtime
                        .protocol()
                        .beforeCheckpoint(instance, HOOK_TIMEOUT)
                        .compose(prepared -> parts.workers().file(() -> dumpAndStore(before))))
            .recover(e -> Future.failedFuture(failed(e)))
            .transform(
                result -> {
                  if (!dumped) { // then there is no snapshot either
                    resumeWithout(result.cause() instanceof Failed why && why.instanceUsable);
                  }
                  return resumed
                      .future()
                      .transform(
                          told ->
                              result.succeeded()
                                  ? Future.succeededFuture(result.result())
                                  : Future.failedFuture(result.cause()));
                });
    return new Freeze(resumed.future(), stored);
  }

  /**
   * The instance runs again: what it closed for the checkpoint it opens, as a restored one does.
   */
  private void resume() {
    dumped = true;
    runtime
        .protocol()
        .resume(instance, runtime.protocol().restoreContext(), HOOK_TIMEOUT)
        .map(true)
        .otherwise(false)
        .onSuccess(resumed::complete);
  }

  private void resumeWithout(boolean usable) {
    if (usable) {
      resume();
    } else {
      resumed.complete(false);
    }
  }

  private Future<Long> residentBytes() {
    return parts.workers().file(() -> instance.sandbox().memory().residentBytes());
  }

  /** A process that still waits for pages of its own snapshot cannot be dumped. */
  private Future<Void> awaitPages() {
    Instance.Origin origin = instance.origin();
    PageSession pages = origin == null ? null : origin.pages();
    return pages == null
        ? Future.succeededFuture()
        : parts.loop().future(pages.workingSet().thenCompose(set -> pages.done())).mapEmpty();
  }

  /** Exercises the function with its sample events; their outcome does not matter. */
  private Future<Void> warmUp(int done) {
    DeployedFunction function = runtime.function();
    List<JsonNode> events = function.settings().warmup().events();
    if (events.isEmpty() || done >= function.settings().warmup().rounds() * events.size()) {
      return Future.succeededFuture();
    }
    return runtime
        .protocol()
        .sample(instance, events.get(done % events.size()), "warmup-" + done)
        .compose(answered -> warmUp(done + 1));
  }

  private Taken dumpAndStore(long bytesBefore) throws StoreException {
    long began = parts.loop().nanoTime();
    Memory memory = new Memory(bytesBefore, instance.sandbox().memory().residentBytes());
    try (SnapshotDraft draft = parts.store().begin(snapshotId)) {
      CheckpointResult result =
          parts
              .engine()
              .checkpoint(
                  instance.sandbox(),
                  instance.pid(),
                  draft.directory(),
                  true,
                  pause -> parts.loop().post(this::resume));
      SnapshotLabels labels =
          SnapshotLabels.of(
              runtime.function(),
              request,
              result.pause(),
              memory.beforeBytes(),
              memory.afterBytes());
      Map<String, String> requirements = new LinkedHashMap<>(result.requirements());
      requirements.put(FunctionRuntime.REQUIREMENT, runtime.identity());
      SnapshotManifest manifest = draft.commit(labels.toMap(), requirements);
      Duration after = Duration.ofNanos(parts.loop().nanoTime() - began).minus(result.pause());
      Duration work = result.pause().plus(after.dividedBy(PROCESSORS));
      return new Taken(manifest, request, result.pause(), work, memory);
    }
  }

  private static Failed failed(Throwable e) {
    String message = String.valueOf(e.getMessage());
    if (e instanceof CheckpointException checkpoint) {
      // Either we or CRIU met the full disk; CRIU says so in the log that the message ends with.
      ProblemCode code =
          message.contains("No space left") ? ProblemCode.NO_SPACE : ProblemCode.CHECKPOINT_FAILED;
      return new Failed(message, checkpoint.functionAlive(), code);
    }
    if (e instanceof StoreException store) {
      ProblemCode code =
          store.reason() == StoreException.Reason.NO_SPACE
              ? ProblemCode.NO_SPACE
              : ProblemCode.STORE_UNAVAILABLE;
      return new Failed(message, true, code);
    }
    boolean usable =
        e instanceof ChannelException channel
            && channel.reason() == ChannelException.Cause.HOOK_FAILED;
    return new Failed(message, usable, ProblemCode.CHECKPOINT_FAILED);
  }
}
