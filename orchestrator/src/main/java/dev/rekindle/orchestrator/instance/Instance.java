package dev.rekindle.orchestrator.instance;

import dev.rekindle.api.InstanceState;
import dev.rekindle.api.RestoreMode;
import dev.rekindle.api.StartKind;
import dev.rekindle.engine.pages.PageSession;
import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.orchestrator.node.Workers;
import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import dev.rekindle.store.SnapshotLease;
import io.vertx.core.Future;
import java.lang.System.Logger;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One running copy of a function. Lives on the service's event loop; its transitions are the
 * methods that return nothing.
 */
public final class Instance {
  private static final Logger LOG = System.getLogger(Instance.class.getName());

  /** The name of the function's socket. */
  static final String SOCKET = "function.sock";

  private final String id;
  private final Sandbox sandbox;
  private final int pid;
  private final @Nullable Origin origin;
  private final Instant createdAt;
  private final long startedNanos;
  private long readyNanos;
  private long fetchNanos;
  private InstanceState state = InstanceState.STARTING;
  private long served;
  private long failures;
  private long checkpointAt = StartPlan.NO_CHECKPOINT;
  private long freeSinceNanos;
  private boolean closed;
  private Future<Void> held = Future.succeededFuture();

  /**
   * The snapshot that an instance was restored from.
   *
   * @param lease keeps its files while the instance lives
   * @param request how many requests the process had served when it was frozen
   * @param mode how its memory came back
   * @param pages the service of its memory after a lazy restore, else null
   */
  public record Origin(
      SnapshotLease lease, long request, RestoreMode mode, @Nullable PageSession pages) {
    /** The snapshot's id. */
    public String id() {
      return lease.manifest().id();
    }
  }

  Instance(
      Sandbox sandbox, int pid, @Nullable Origin origin, Instant createdAt, long startedNanos) {
    this.id = sandbox.id();
    this.sandbox = sandbox;
    this.pid = pid;
    this.origin = origin;
    this.createdAt = createdAt;
    this.startedNanos = startedNanos;
    this.readyNanos = startedNanos;
  }

  /** Its id, which is its sandbox's. */
  public String id() {
    return id;
  }

  /** The sandbox that it runs in. */
  public Sandbox sandbox() {
    return sandbox;
  }

  /** Its process id on the host. */
  public int pid() {
    return pid;
  }

  /** The snapshot that it was restored from; null after a cold start. */
  public @Nullable Origin origin() {
    return origin;
  }

  /** When it was started. */
  public Instant createdAt() {
    return createdAt;
  }

  /** It took so long to have its snapshot's files at hand. */
  void fetched(long nanos) {
    fetchNanos = nanos;
  }

  /** How long it took to have its snapshot's files at hand; part of its start. */
  long fetchNanos() {
    return fetchNanos;
  }

  /** When its start began, on the clock of {@link System#nanoTime}. */
  public long startedNanos() {
    return startedNanos;
  }

  /** When it could take its first event, on the same clock. */
  public long readyNanos() {
    return readyNanos;
  }

  /** What it does now. */
  public InstanceState state() {
    return state;
  }

  /** Whether it has ended or is about to. */
  public boolean isClosed() {
    return closed;
  }

  /** Requests served here, not counting those before its snapshot. */
  public long served() {
    return served;
  }

  /** The socket on which it takes events. */
  public Path socket() {
    return sandbox.socketDirectory().resolve(SOCKET);
  }

  /** What it began as: cold or restored. */
  public StartKind start() {
    return origin == null ? StartKind.COLD : StartKind.RESTORED;
  }

  /** Whether it is restored and has served nothing yet. */
  public boolean isFresh() {
    return state == InstanceState.STANDBY && origin != null;
  }

  /** What the next request finds; {@code waited} if that request waited for this start. */
  StartKind kindFor(boolean waited) {
    if (served > 0) {
      return StartKind.WARM;
    }
    return waited ? start() : origin == null ? StartKind.WARM : StartKind.STANDBY;
  }

  /** What policies are told of it. */
  public Life life() {
    long before = origin == null ? 0 : origin.request();
    return new Life(
        origin == null ? null : origin.id(), before + served, served, failures, checkpointAt);
  }

  /** What its policy means to do with it. */
  public Instance meantFor(StartPlan plan) {
    checkpointAt = plan.checkpointAt();
    return this;
  }

  /** It can take events from now on. */
  Instance ready(long nowNanos) {
    readyNanos = nowNanos;
    return this;
  }

  /** It has served nothing and waits for a request. */
  public void standby(long nowNanos) {
    freeSinceNanos = nowNanos;
    state = InstanceState.STANDBY;
  }

  /** It takes an event. */
  public void busy() {
    state = InstanceState.BUSY;
  }

  /** It has answered. */
  public void served(boolean failed) {
    served++;
    if (failed) {
      failures++;
    }
  }

  /** When it last became free, on the clock of {@link System#nanoTime}. */
  public long freeSinceNanos() {
    return freeSinceNanos;
  }

  /** It waits for its next event. */
  public void idle(long nowNanos) {
    freeSinceNanos = nowNanos;
    state = InstanceState.IDLE;
  }

  /** It is being frozen. */
  public void checkpointing() {
    state = InstanceState.CHECKPOINTING;
  }

  /** Marks it as gone; true the first time. */
  public boolean markClosed() {
    boolean first = !closed;
    closed = true;
    return first;
  }

  /** Keeps its sandbox, even when it is ended, until something that reads from it is done. */
  public void holdUntil(Future<Void> done) {
    held = done;
  }

  /**
   * Ends its processes and gives its snapshot back, off the event loop, when nothing reads from its
   * sandbox any more. Never fails: a failure to do so is only logged.
   */
  public Future<Void> release(Workers workers) {
    return held.transform(done -> workers.<Void>file(this::releaseNow))
        .onFailure(
            e ->
                LOG.log(
                    Logger.Level.WARNING,
                    "event=release-failed instance={0} error={1}",
                    id,
                    e.toString()))
        .otherwiseEmpty();
  }

  private @Nullable Void releaseNow() {
    sandbox.close();
    if (origin != null) {
      origin.lease().close();
    }
    return null;
  }
}
