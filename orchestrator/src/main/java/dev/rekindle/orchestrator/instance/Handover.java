package dev.rekindle.orchestrator.instance;

import dev.rekindle.api.FunctionFailure;
import dev.rekindle.api.Phase;
import dev.rekindle.api.ServerTiming;
import dev.rekindle.api.StartKind;
import dev.rekindle.engine.sandbox.ExitStatus;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.node.ServiceException;
import dev.rekindle.warmers.channel.InstanceReply;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A request in the hands of an instance: how it came to it, and what becomes of the two. */
public final class Handover {
  private final Node node;
  private final DeployedFunction function;
  private final Instance instance;
  private final InvocationRequest request;
  private final StartKind kind;
  private final long handedNanos = System.nanoTime();

  public Handover(
      Node node, DeployedFunction function, Instance instance, InvocationRequest request) {
    this.node = node;
    this.function = function;
    this.instance = instance;
    this.request = request;
    this.kind = instance.kindFor(instance.readyNanos() > request.arrivedNanos());
  }

  /**
   * What to do with the instance afterwards, and with the request.
   *
   * @param outcome the answer, or null if the request got none
   * @param problem why it got none, or null
   * @param usable whether the instance may serve again
   * @param delivered whether the function may have seen the request; if not, another instance can
   */
  public record End(
      @Nullable InvocationOutcome outcome,
      @Nullable ServiceException problem,
      boolean usable,
      boolean delivered) {}

  /** Puts a request to the instance that took it. */
  public interface Delivery {
    /** Succeeds when the instance is through with the request, however that went. */
    Future<End> to(Handover handover);
  }

  public Node node() {
    return node;
  }

  public DeployedFunction function() {
    return function;
  }

  public Instance instance() {
    return instance;
  }

  public InvocationRequest request() {
    return request;
  }

  /** How the request got its instance. */
  public StartKind kind() {
    return kind;
  }

  /** The function answered. */
  public End answered(Buffer result, String contentType, boolean streamed) {
    return new End(outcome(result, contentType, streamed, null), null, true, true);
  }

  /** The function failed. */
  public End failed(FunctionFailure failure, boolean usable) {
    return new End(
        outcome(Buffer.buffer(), InstanceReply.Success.JSON, false, failure), null, usable, true);
  }

  /** The platform cannot hand an answer on. */
  public static End refused(ServiceException problem, boolean usable) {
    return new End(null, problem, usable, true);
  }

  /** The connection was closed, which says little of the process: its end would be known soon. */
  public Future<End> exitedOr(FunctionFailure alive) {
    CompletionStage<@Nullable ExitStatus> exit =
        instance
            .sandbox()
            .exit(instance.pid())
            .<@Nullable ExitStatus>thenApply(status -> status)
            .completeOnTimeout(null, 500, TimeUnit.MILLISECONDS);
    return node.onLoop(exit)
        .map(status -> status == null ? failed(alive, false) : failed(ended(status), false));
  }

  private FunctionFailure ended(ExitStatus status) {
    return Failures.ended(
        function, status, instance.sandbox().ranOutOfMemory(), "before it answered");
  }

  /** The process closed the connection: wait a moment for the news of how it ended. */
  public Future<End> exited() {
    CompletionStage<ExitStatus> exit =
        instance
            .sandbox()
            .exit(instance.pid())
            .copy()
            .completeOnTimeout(ExitStatus.killed(), 2, TimeUnit.SECONDS);
    return node.onLoop(exit).map(status -> failed(ended(status), false));
  }

  private InvocationOutcome outcome(
      Buffer result, String contentType, boolean streamed, @Nullable FunctionFailure failure) {
    Instance.Origin origin = instance.origin();
    return new InvocationOutcome(
        result,
        contentType,
        streamed,
        failure,
        kind,
        instance.id(),
        origin == null ? null : origin.id(),
        origin == null ? null : origin.mode(),
        timing());
  }

  /** What each phase has taken until now. */
  public ServerTiming timing() {
    long now = System.nanoTime();
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
