package dev.rekindle.orchestrator.instance;

import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.node.Ids;
import dev.rekindle.warmers.channel.Invocation;
import dev.rekindle.warmers.channel.InvocationDetails;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;

/** Events with all that their handlers are told. */
public final class Invocations {
  private Invocations() {}

  /**
   * An event for a function, with its ARN, and with a trace of its own if the caller began none.
   *
   * @param timeout how long the handler has from now on
   * @param details what the caller tells
   */
  public static Invocation of(
      Node node,
      DeployedFunction function,
      String requestId,
      Duration timeout,
      Buffer event,
      InvocationDetails details) {
    Instant now = node.clock().instant();
    String traceId = details.traceId();
    return new Invocation(
        requestId,
        now.plus(timeout),
        function.name(),
        Integer.toString(function.version()),
        function.settings().memoryMb(),
        event,
        new InvocationDetails(
            arn(node, function),
            traceId == null ? Ids.trace(node.random(), now) : traceId,
            details.clientContext(),
            details.cognitoIdentity(),
            details.tenantId()));
  }

  private static String arn(Node node, DeployedFunction function) {
    String region =
        function.settings().environment().getOrDefault("AWS_REGION", node.config().region());
    return "arn:aws:lambda:%s:%s:function:%s"
        .formatted(region, node.config().accountId(), function.name());
  }
}
