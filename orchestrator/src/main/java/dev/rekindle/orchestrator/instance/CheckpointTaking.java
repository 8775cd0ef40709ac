package dev.rekindle.orchestrator.instance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.engine.CheckpointException;
import dev.rekindle.engine.CheckpointResult;
import dev.rekindle.engine.pages.PageSession;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.snapshot.SnapshotCatalog;
import dev.rekindle.store.SnapshotDraft;
import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.StoreException;
import dev.rekindle.warmers.channel.ChannelException;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Freezes one idle instance into a snapshot. The instance takes no requests meanwhile. */
public final class CheckpointTaking {
  private static final Duration HOOK_TIMEOUT = Duration.ofSeconds(30);

  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  private final Node node;
  private final DeployedFunction function;
  private final Instance instance;
  private final String snapshotId;
  private final long request;
  private final Conversation conversation;

  /** Completes when whoever waits for the instance was told that it runs. */
  private final Promise<Void> told = Promise.promise();

  /** Whether the dump is done. Only the event loop looks at it. */
  private boolean thawn;

  public CheckpointTaking(
      Node node, DeployedFunction function, Instance instance, String snapshotId) {
    this.request = instance.life().request();
    this.node = node;
    this.function = function;
    this.instance = instance;
    this.snapshotId = snapshotId;
    this.conversation = Conversation.with(node, function);
  }

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

    /** What a caller who asked for it is told. */
    public ProblemCode code() {
      return code;
    }
  }

  /**
   * Warms, prepares, dumps and stores. Fails with {@link Failed}.
   *
   * @param thawed called once on the event loop, before the returned future completes: when the
   *     instance runs again, with whether it may serve; that is usually before the snapshot is
   *     stored
   */
  public Future<Taken> run(Consumer<Boolean> thawed) {
    return warmUp(0)
        .compose(unused -> pagesBack())
        .compose(unused -> residentBytes())
        .compose(
            before ->
                conversation
                    .beforeCheckpoint(instance, HOOK_TIMEOUT)
                    .compose(prepared -> node.workers().file(() -> dumpAndStore(before, thawed))))
        .recover(e -> Future.failedFuture(failed(e)))
        .transform(
            result -> {
              if (!thawn) { // then there is no snapshot either
                notFrozen(result.cause() instanceof Failed why && why.instanceUsable, thawed);
              }
              return told.future().transform(unused -> settled(result));
            });
  }

  /** What the function closed for the checkpoint it opens again, as a restored one does. */
  private Future<Boolean> goOn() {
    return conversation
        .goOn(instance, Conversation.context(node, function), HOOK_TIMEOUT)
        .map(true)
        .otherwise(false);
  }

  private static Future<Taken> settled(AsyncResult<Taken> result) {
    return result.succeeded()
        ? Future.succeededFuture(result.result())
        : Future.failedFuture(result.cause());
  }

  private void thawed(Consumer<Boolean> listener) {
    thawn = true;
    goOn().onSuccess(listener::accept).onComplete(done -> told.complete());
  }

  private void notFrozen(boolean usable, Consumer<Boolean> listener) {
    if (usable) {
      thawed(listener);
    } else {
      listener.accept(false);
      told.complete();
    }
  }

  private Future<Long> residentBytes() {
    return node.workers().file(() -> instance.sandbox().memory().residentBytes());
  }

  /** A process that still waits for pages of its own snapshot cannot be dumped. */
  private Future<Void> pagesBack() {
    Instance.Origin origin = instance.origin();
    PageSession pages = origin == null ? null : origin.pages();
    return pages == null
        ? Future.succeededFuture()
        : node.onLoop(pages.workingSet().thenCompose(set -> pages.done())).mapEmpty();
  }

  /** Exercises the function with its sample events; their outcome does not matter. */
  private Future<Void> warmUp(int done) {
    List<JsonNode> events = function.settings().warmup().events();
    if (events.isEmpty() || done >= function.settings().warmup().rounds() * events.size()) {
      return Future.succeededFuture();
    }
    return conversation
        .sample(instance, events.get(done % events.size()), "warmup-" + done)
        .compose(answered -> warmUp(done + 1));
  }

  private Taken dumpAndStore(long bytesBefore, Consumer<Boolean> thawed) throws StoreException {
    long began = System.nanoTime();
    Memory memory = new Memory(bytesBefore, instance.sandbox().memory().residentBytes());
    try (SnapshotDraft draft = node.store().begin(snapshotId)) {
      CheckpointResult result =
          node.engine()
              .checkpoint(
                  instance.sandbox(),
                  instance.pid(),
                  draft.directory(),
                  true,
                  pause -> node.loop().runOnContext(unused -> thawed(thawed)));
      Map<String, String> labels = new LinkedHashMap<>();
      labels.put(SnapshotCatalog.LABEL_FUNCTION, function.name());
      labels.put(SnapshotManifest.LABEL_IDENTITY, function.identity());
      labels.put(SnapshotCatalog.LABEL_VERSION, Integer.toString(function.version()));
      labels.put(SnapshotCatalog.LABEL_REQUEST, Long.toString(request));
      labels.put(SnapshotCatalog.LABEL_PAUSE_MS, Double.toString(result.pause().toNanos() / 1e6));
      labels.put(SnapshotCatalog.LABEL_MEMORY_BEFORE, Long.toString(memory.beforeBytes()));
      labels.put(SnapshotCatalog.LABEL_MEMORY_AFTER, Long.toString(memory.afterBytes()));
      Map<String, String> requirements = new LinkedHashMap<>(result.requirements());
      requirements.put(Runtimes.REQUIREMENT, Runtimes.identity(node, function));
      SnapshotManifest manifest = draft.commit(labels, requirements);
      Duration after = Duration.ofNanos(System.nanoTime() - began).minus(result.pause());
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
