package dev.rekindle.orchestrator.instance;

import dev.rekindle.api.FunctionFailure;
import dev.rekindle.api.Phase;
import dev.rekindle.api.ServerTiming;
import dev.rekindle.api.StartKind;
import dev.rekindle.engine.sandbox.ExitStatus;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.warmers.channel.InstanceReply;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One try of a request at one instance. */
public final class Attempt {
  /** A server may close a connection and live on: its end is waited for this long only. */
  private static final Duration END_PATIENCE = Duration.ofMillis(500);

  /** What a failed function has answered. */
  private static final Delivery.Result.Answer NOTHING =
      new Delivery.Result.Answer(Buffer.buffer(), InstanceReply.Success.JSON, false);

  private final EventLoop loop;
  private final FunctionRuntime runtime;
  private final Instance instance;
  private final InvocationRequest request;
  private final StartKind kind;
  private final long handedNanos;

  /** A try that begins now. */
  public Attempt(
      EventLoop loop, FunctionRuntime runtime, Instance instance, InvocationRequest request) {
    this.loop = loop;
    this.runtime = runtime;
    this.instance = instance;
    this.request = request;
    this.kind = instance.kindFor(instance.readyNanos() > request.arrivedNanos());
    this.handedNanos = loop.nanoTime();
  }

  /** Puts the request to the instance; fails only if the platform itself has a defect. */
  public Future<AttemptResult> run() {
    return request.delivery().deliver(this).compose(this::result);
  }

  private Future<AttemptResult> result(Delivery.Result delivered) {
    if (delivered instanceof Delivery.Result.Answer answer) {
      return Future.succeededFuture(new AttemptResult.Answered(outcome(answer, null)));
    } else if (delivered instanceof Delivery.Result.Failure failure) {
      return Future.succeededFuture(failed(failure.failure(), failure.usable()));
    } else if (delivered instanceof Delivery.Result.Refused refused) {
      return Future.succeededFuture(
          new AttemptResult.PlatformProblem(refused.problem(), refused.usable()));
    } else if (delivered instanceof Delivery.Result.Closed closed) {
      return closed(closed);
    }
    return Future.succeededFuture(new AttemptResult.NotDelivered());
  }

  private Future<AttemptResult> closed(Delivery.Result.Closed closed) {
    return closed
        .ifAlive()
        .map(
            alive ->
                ProcessExit.within(loop, instance.sandbox(), instance.pid(), END_PATIENCE)
                    .<AttemptResult>map(
                        ended -> failed(ended.map(this::exitFailure).orElse(alive), false)))
        .orElseGet(
            () ->
                ProcessExit.of(loop, instance.sandbox(), instance.pid())
                    .map(status -> failed(exitFailure(status), false)));
  }

  private FunctionFailure exitFailure(ExitStatus status) {
    return FunctionFailures.ended(
        runtime.function(), status, instance.sandbox().ranOutOfMemory(), "before it answered");
  }

  private AttemptResult failed(FunctionFailure failure, boolean usable) {
    return new AttemptResult.FunctionFailed(outcome(NOTHING, failure), usable);
  }

  private InvocationOutcome outcome(
      Delivery.Result.Answer answer, @Nullable FunctionFailure failure) {
    Instance.Origin origin = instance.origin();
    return new InvocationOutcome(
        answer.result(),
        answer.contentType(),
        answer.streamed(),
        failure,
        kind,
        instance.id(),
        origin == null ? null : origin.id(),
        origin == null ? null : origin.mode(),
        timing());
  }

  /** The version that the instance runs. */
  public FunctionRuntime runtime() {
    return runtime;
  }

  /** Who takes the request. */
  public Instance instance() {
    return instance;
  }

  /** The id of the request. */
  public String requestId() {
    return request.id();
  }

  /** How the request got its instance. */
  public StartKind kind() {
    return kind;
  }

  /** What each phase has taken until now. */
  public ServerTiming timing() {
    long now = loop.nanoTime();
    long arrived = request.arrivedNanos();
    Map<Phase, Double> phases = new EnumMap<>(Phase.class);
    if (kind == StartKind.COLD || kind == StartKind.RESTORED) {
      long began = Math.max(arrived, instance.startedNanos());
      phases.put(Phase.QUEUE, millis(began - arrived + handedNanos - instance.readyNanos()));
      long start = instance.readyNanos() - began;
      if (kind == StartKind.COLD) {
        phases.put(Phase.BOOT, millis(start));
      } else {
        long fetch = Math.min(start, instance.fetchNanos());
        phases.put(Phase.FETCH, millis(fetch));
        phases.put(Phase.RESTORE, millis(start - fetch));
      }
    } else {
      phases.put(Phase.QUEUE, millis(handedNanos - arrived));
    }
    phases.put(Phase.HANDLER, millis(now - handedNanos));
    phases.put(Phase.TOTAL, millis(now - arrived));
    return new ServerTiming(phases);
  }

  private static double millis(long nanos) {
    return Math.max(0, nanos) / 1e6;
  }
}
