package dev.rekindle.orchestrator;

import dev.rekindle.api.FunctionFailure;
import dev.rekindle.api.Phase;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.api.ServerTiming;
import dev.rekindle.api.StartKind;
import dev.rekindle.engine.ExitStatus;
import dev.rekindle.warmers.ChannelException;
import dev.rekindle.warmers.InstanceReply;
import dev.rekindle.warmers.Invocation;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Hands one event to one instance and interprets what comes back. */
final class Exchange {
  private final Node node;
  private final DeployedFunction function;
  private final Instance instance;
  private final InvocationRequest request;
  private final StartKind kind;
  private final long handedNanos = System.nanoTime();

  Exchange(Node node, DeployedFunction function, Instance instance, InvocationRequest request) {
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
   * @param delivered whether the function may have seen the event; if not, another instance can
   */
  record End(
      @Nullable InvocationOutcome outcome,
      @Nullable ServiceException problem,
      boolean usable,
      boolean delivered) {}

  Future<End> run() {
    Duration timeout = Duration.ofMillis(function.settings().timeoutMs());
    Invocation invocation =
        new Invocation(
            request.id(),
            node.clock().instant().plus(timeout),
            function.name(),
            Integer.toString(function.version()),
            function.settings().memoryMb(),
            request.event());
    return node.channel()
        .invoke(instance.socket(), invocation, timeout)
        .map(this::answered)
        .recover(this::broken);
  }

  private End answered(InstanceReply reply) {
    if (reply instanceof InstanceReply.Success success) {
      return new End(outcome(success.result(), null), null, true, true);
    }
    InstanceReply.FunctionError error = (InstanceReply.FunctionError) reply;
    return failed(
        new FunctionFailure(error.errorMessage(), error.errorType(), error.stackTrace()), true);
  }

  private End failed(FunctionFailure failure, boolean usable) {
    return new End(outcome(Buffer.buffer(), failure), null, usable, true);
  }

  private Future<End> broken(Throwable e) {
    if (!(e instanceof ChannelException channel)) {
      return Future.failedFuture(e);
    }
    return switch (channel.reason()) {
      case TIMEOUT -> Future.succeededFuture(failed(Failures.timedOut(function), false));
      case CANNOT_CONNECT -> Future.succeededFuture(new End(null, null, false, false));
      case CLOSED_WITHOUT_REPLY -> exited();
      case BAD_FRAME, REPLY_TOO_LARGE, HOOK_FAILED ->
          Future.succeededFuture(
              new End(
                  null,
                  new ServiceException(
                      ProblemCode.BAD_FUNCTION_REPLY, String.valueOf(channel.getMessage())),
                  false,
                  true));
    };
  }

  /** The process closed the connection: wait a moment for the news of how it ended. */
  private Future<End> exited() {
    CompletionStage<ExitStatus> exit =
        instance
            .sandbox()
            .exit(instance.pid())
            .copy()
            .completeOnTimeout(ExitStatus.killed(), 2, TimeUnit.SECONDS);
    return node.onLoop(exit)
        .map(
            status ->
                failed(
                    Failures.ended(
                        function,
                        status,
                        instance.sandbox().ranOutOfMemory(),
                        "before it answered"),
                    false));
  }

  private InvocationOutcome outcome(Buffer result, @Nullable FunctionFailure failure) {
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
    Instance.Origin origin = instance.origin();
    return new InvocationOutcome(
        result,
        failure,
        kind,
        instance.id(),
        origin == null ? null : origin.id(),
        origin == null ? null : origin.mode(),
        new ServerTiming(phases));
  }

  private static double millis(long nanos) {
    return Math.max(0, nanos) / 1e6;
  }
}
