package dev.rekindle.orchestrator.http;

import dev.rekindle.api.ProblemCode;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.instance.Failures;
import dev.rekindle.orchestrator.instance.Handover;
import dev.rekindle.orchestrator.instance.Invocations;
import dev.rekindle.orchestrator.instance.Node;
import dev.rekindle.orchestrator.node.ServiceException;
import dev.rekindle.warmers.channel.ChannelException;
import dev.rekindle.warmers.channel.InstanceReply;
import dev.rekindle.warmers.channel.Invocation;
import dev.rekindle.warmers.channel.InvocationDetails;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;

/**
 * Hands one event to one instance and interprets what comes back.
 *
 * @param event the event, as JSON
 * @param details what else the handler is told; its ARN is added here
 */
record Exchange(Buffer event, InvocationDetails details) implements Handover.Delivery {
  @Override
  public Future<Handover.End> to(Handover handover) {
    DeployedFunction function = handover.function();
    Node node = handover.node();
    if (node.servesHttp(function)) {
      // The version that it waited for was replaced by one of another runtime.
      return Future.succeededFuture(
          Handover.refused(HttpRoutes.notInvocable(function.name()), true));
    }
    Duration timeout = Duration.ofMillis(function.settings().timeoutMs());
    Invocation invocation =
        Invocations.of(node, function, handover.request().id(), timeout, event, details);
    return node.channel()
        .invoke(handover.instance().socket(), invocation, timeout)
        .map(reply -> answered(handover, reply))
        .recover(e -> broken(handover, e));
  }

  private static Handover.End answered(Handover handover, InstanceReply reply) {
    if (reply instanceof InstanceReply.Success success) {
      return success.result().length() > Failures.MAX_RESPONSE_BYTES
          ? handover.failed(Failures.tooLarge(), true)
          : handover.answered(success.result(), success.contentType(), success.streamed());
    }
    InstanceReply.FunctionError error = (InstanceReply.FunctionError) reply;
    return handover.failed(Failures.ofRuntime(error.document()), true);
  }

  private static Future<Handover.End> broken(Handover handover, Throwable e) {
    if (!(e instanceof ChannelException channel)) {
      return Future.failedFuture(e);
    }
    return switch (channel.reason()) {
      case TIMEOUT ->
          Future.succeededFuture(handover.failed(Failures.timedOut(handover.function()), false));
      case CANNOT_CONNECT -> Future.succeededFuture(new Handover.End(null, null, false, false));
      case CLOSED_WITHOUT_REPLY -> handover.exited();
      case REPLY_TOO_LARGE -> Future.succeededFuture(handover.failed(Failures.tooLarge(), false));
      case BAD_FRAME, HOOK_FAILED ->
          Future.succeededFuture(
              Handover.refused(
                  new ServiceException(
                      ProblemCode.BAD_FUNCTION_REPLY, String.valueOf(channel.getMessage())),
                  false));
    };
  }
}
