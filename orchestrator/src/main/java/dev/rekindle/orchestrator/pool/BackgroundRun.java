package dev.rekindle.orchestrator.pool;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.FunctionFailure;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.instance.FunctionFailures;
import dev.rekindle.orchestrator.instance.FunctionRuntime;
import dev.rekindle.orchestrator.instance.Instance;
import dev.rekindle.orchestrator.instance.InstanceStarter;
import dev.rekindle.orchestrator.instance.ProcessExit;
import dev.rekindle.orchestrator.instance.StartFailure;
import dev.rekindle.orchestrator.node.Capacity;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.orchestrator.node.Workers;
import dev.rekindle.orchestrator.policy.model.Start;
import dev.rekindle.warmers.channel.ChannelException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One instance that serves no caller: it is brought up, given events one after the other, and
 * ended. It holds a place of the node's capacity from its making until it is gone. Lives on the
 * service's event loop.
 */
public final class BackgroundRun {
  private final EventLoop loop;
  private final Workers workers;
  private final FunctionRuntime runtime;
  private final Capacity.Place place;
  private final Purpose purpose;
  private final Promise<Void> gone = Promise.promise();
  private @Nullable Instance instance;
  private @Nullable Ended ended;
  private boolean starting;

  /** What a run is for. */
  enum Purpose {
    /** To become a snapshot. */
    TRAINING,
    /** To tell its latencies. */
    RECORDING
  }

  /**
   * An answer.
   *
   * @param nanos how long it took
   * @param failure what the function said of its failure; null if it did not fail
   */
  public record Answer(long nanos, @Nullable String failure) {}

  /** The run came to its end from outside. */
  public static final class Ended extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final Why why;

    Ended(Why why, String message) {
      super(message);
      this.why = why;
    }

    /** Why the run was ended. */
    public Why why() {
      return why;
    }
  }

  /** Why a run was ended from outside. */
  public enum Why {
    /** Its driver is through with it. */
    DONE,
    /** Callers need what it holds. */
    GIVES_WAY,
    /** Its function, version or policy is no longer in force. */
    OBSOLETE,
    /** The service goes down. */
    SHUTDOWN
  }

  /** The instance cannot go on. */
  public static final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient FunctionFailure failure;

    Broken(FunctionFailure failure) {
      super(failure.errorMessage());
      this.failure = failure;
    }

    /** What the function's failure was. */
    public FunctionFailure failure() {
      return failure;
    }
  }

  /** A run whose place is taken already. */
  BackgroundRun(
      EventLoop loop,
      Workers workers,
      FunctionRuntime runtime,
      Purpose purpose,
      Capacity.Place place) {
    this.loop = loop;
    this.workers = workers;
    this.runtime = runtime;
    this.place = place;
    this.purpose = purpose;
  }

  /** The version that runs. */
  public DeployedFunction function() {
    return runtime.function();
  }

  Purpose purpose() {
    return purpose;
  }

  /** What it was restored from, if it was. */
  Optional<String> snapshot() {
    return Optional.ofNullable(instance)
        .flatMap(i -> Optional.ofNullable(i.origin()))
        .map(Instance.Origin::id);
  }

  /** Completes when nothing is left of it and its place is free again. */
  public Future<Void> gone() {
    return gone.future();
  }

  /**
   * Brings the instance up. Fails with {@link StartFailure} or {@link Ended}; the run is over then.
   */
  public Future<Instance> start(InstanceStarter starter, Start from) {
    starting = true;
    return starter
        .start(from)
        .transform(
            started -> {
              starting = false;
              instance = started.result();
              if (ended != null) {
                release();
                return Future.failedFuture(ended);
              }
              if (started.failed()) {
                end(Why.DONE, "it did not start");
                return Future.failedFuture(started.cause());
              }
              started.result().busy();
              return Future.succeededFuture(started.result());
            });
  }

  /**
   * Has the instance answer an event. Fails with {@link Broken} if the instance cannot go on, and
   * with {@link Ended} if the run was ended meanwhile.
   */
  public Future<Answer> send(JsonNode event, String requestId) {
    Instance running = instance;
    if (ended != null || running == null) {
      return Future.failedFuture(
          ended != null ? ended : new IllegalStateException("it was not started"));
    }
    long began = loop.nanoTime();
    return runtime
        .protocol()
        .sample(running, event, requestId)
        .map(failure -> answered(running, loop.nanoTime() - began, failure))
        .recover(e -> ended == null ? broken(running, e) : Future.failedFuture(ended));
  }

  private static Answer answered(Instance running, long nanos, @Nullable String failure) {
    running.served(failure != null);
    return new Answer(nanos, failure);
  }

  private Future<Answer> broken(Instance running, Throwable e) {
    if (!(e instanceof ChannelException channel)) {
      return Future.failedFuture(e);
    }
    return switch (channel.reason()) {
      case TIMEOUT ->
          Future.failedFuture(new Broken(FunctionFailures.timedOut(runtime.function())));
      case CANNOT_CONNECT, CLOSED_WITHOUT_REPLY -> exited(running);
      case BAD_FRAME, REPLY_TOO_LARGE, HOOK_FAILED ->
          Future.failedFuture(
              new Broken(
                  new FunctionFailure(
                      String.valueOf(channel.getMessage()),
                      "Runtime.BadReply",
                      java.util.List.of())));
    };
  }

  private Future<Answer> exited(Instance running) {
    return ProcessExit.of(loop, running.sandbox(), running.pid())
        .compose(
            status ->
                Future.failedFuture(
                    ended != null
                        ? ended
                        : new Broken(
                            FunctionFailures.ended(
                                runtime.function(),
                                status,
                                running.sandbox().ranOutOfMemory(),
                                "before it answered"))));
  }

  /** Whether it has come to its end, or is about to. */
  public boolean isEnded() {
    return ended != null;
  }

  /** Why it has come to its end, if it has. */
  public Ended ending() {
    return ended == null ? new Ended(Why.DONE, "it has not ended") : ended;
  }

  /** Ends it at once, whatever it is doing; completes when its place is free. */
  public Future<Void> end(Why why, String message) {
    if (ended == null) {
      ended = new Ended(why, message);
      place.leaving();
      if (!starting) {
        release(); // else its start does, when it comes to its end
      }
    }
    return gone.future();
  }

  private void release() {
    Future<Void> released =
        instance != null && instance.markClosed()
            ? instance.release(workers)
            : Future.succeededFuture();
    released.onComplete(
        done -> {
          place.free();
          gone.tryComplete();
        });
  }
}
