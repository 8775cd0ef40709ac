package dev.rekindle.orchestrator.instance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.engine.sandbox.Greeting;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.orchestrator.node.Ids;
import dev.rekindle.warmers.channel.HttpCall;
import dev.rekindle.warmers.channel.HttpChannel;
import dev.rekindle.warmers.channel.InstanceChannel;
import dev.rekindle.warmers.channel.InstanceReply;
import dev.rekindle.warmers.channel.Invocation;
import dev.rekindle.warmers.channel.InvocationDetails;
import dev.rekindle.warmers.channel.RestoreContext;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How the platform speaks to the instances of one version: by the bootstrap's protocol or by HTTP.
 * Chosen once for a version. Futures fail with a {@link
 * dev.rekindle.warmers.channel.ChannelException}.
 */
public sealed interface FunctionProtocol {
  /**
   * Has an instance serve a sample event.
   *
   * @param requestId what the function sees as the request's id, where its runtime has one
   * @return what the function reports of its failure, or null if it did not fail
   */
  Future<@Nullable String> sample(Instance instance, JsonNode event, String requestId);

  /** Has an instance get ready to be dumped. */
  Future<Void> beforeCheckpoint(Instance instance, Duration timeout);

  /** The message that a restored instance gets as soon as it runs: that it is a clone. */
  Optional<Greeting> restoreMessage(RestoreContext context);

  /**
   * Completes when a restored instance knows that it is a clone.
   *
   * @param context what it is to know
   * @param answer its answer to the restore message, if there was one
   * @param timeout for what is still to be sent
   */
  Future<Void> notifyRestored(
      Instance instance, RestoreContext context, Buffer answer, Duration timeout);

  /**
   * Notifies an instance that its checkpoint is over and that it is the one that was frozen. It
   * gets what a clone gets: hooks come in pairs, and what they do for the one is right for the
   * other.
   */
  Future<Void> resume(Instance instance, RestoreContext context, Duration timeout);

  /** What an instance is to know: entropy of its own, the time, and its environment. */
  RestoreContext restoreContext();

  /**
   * What both protocols need.
   *
   * @param function the version
   * @param loop tells the time
   * @param random makes the entropy of clones and the ids of traces
   * @param region the region in the ARN, unless the function's environment has another
   * @param accountId the account in the ARN
   */
  record Common(
      DeployedFunction function,
      EventLoop loop,
      RandomGenerator random,
      String region,
      String accountId) {
    /** An event, with its ARN, and with a trace of its own if the caller began none. */
    Invocation invocation(String requestId, Buffer event, InvocationDetails details) {
      Instant now = loop.clock().instant();
      String traceId = details.traceId();
      return new Invocation(
          requestId,
          now.plus(timeout()),
          function.name(),
          Integer.toString(function.version()),
          function.settings().memoryMb(),
          event,
          new InvocationDetails(
              arn(),
              traceId == null ? Ids.trace(random, now) : traceId,
              details.clientContext(),
              details.cognitoIdentity(),
              details.tenantId()));
    }

    private String arn() {
      return "arn:aws:lambda:%s:%s:function:%s"
          .formatted(
              function.settings().environment().getOrDefault("AWS_REGION", region),
              accountId,
              function.name());
    }

    Duration timeout() {
      return Duration.ofMillis(function.settings().timeoutMs());
    }

    RestoreContext restoreContext() {
      byte[] entropy = new byte[RestoreContext.ENTROPY_BYTES];
      random.nextBytes(entropy);
      Map<String, String> environment = new LinkedHashMap<>(function.settings().environment());
      // Another node, or an earlier deployment of the same code, gave it another number.
      environment.put("AWS_LAMBDA_FUNCTION_VERSION", Integer.toString(function.version()));
      return new RestoreContext(environment, Buffer.buffer(entropy), loop.clock().instant());
    }
  }

  /** The bootstrap's protocol, to instances with handlers. */
  record Events(Common common, InstanceChannel channel) implements FunctionProtocol {
    /**
     * Sends an event; the reply is the handler's.
     *
     * @param details what else the handler gets
     */
    public Future<InstanceReply> invoke(
        Instance instance, Buffer event, String requestId, InvocationDetails details) {
      return channel.invoke(
          instance.socket(), common.invocation(requestId, event, details), common.timeout());
    }

    @Override
    public Future<@Nullable String> sample(Instance instance, JsonNode event, String requestId) {
      return invoke(instance, Buffer.buffer(event.toString()), requestId, InvocationDetails.NONE)
          .map(Events::failure);
    }

    private static @Nullable String failure(InstanceReply reply) {
      return reply instanceof InstanceReply.FunctionError error
          ? error.errorType() + ": " + error.errorMessage()
          : null;
    }

    @Override
    public Future<Void> beforeCheckpoint(Instance instance, Duration timeout) {
      return channel.beforeCheckpoint(instance.socket(), timeout);
    }

    @Override
    public Optional<Greeting> restoreMessage(RestoreContext context) {
      Buffer message = InstanceChannel.afterRestoreMessage(context);
      return Optional.of(new Greeting(Instance.SOCKET, ByteBuffer.wrap(message.getBytes())));
    }

    @Override
    public Future<Void> notifyRestored(
        Instance instance, RestoreContext context, Buffer answer, Duration timeout) {
      return channel.afterRestoreOutcome(answer);
    }

    @Override
    public Future<Void> resume(Instance instance, RestoreContext context, Duration timeout) {
      return channel.afterRestore(instance.socket(), context, timeout);
    }

    @Override
    public RestoreContext restoreContext() {
      return common.restoreContext();
    }
  }

  /** HTTP, to instances with servers that name hooks; clones also by their doors. */
  record Http(Common common, HttpChannel channel) implements FunctionProtocol {
    @Override
    public Future<@Nullable String> sample(Instance instance, JsonNode event, String requestId) {
      return channel
          .send(instance.socket(), HttpCall.of(event), common.timeout())
          .map(reply -> reply.status() < 500 ? null : "status " + reply.status());
    }

    @Override
    public Future<Void> beforeCheckpoint(Instance instance, Duration timeout) {
      String path = common.function().settings().httpHooks().beforeCheckpoint();
      return path == null
          ? Future.succeededFuture()
          : channel.hook(
              instance.socket(), "beforeCheckpoint", HttpChannel.beforeCheckpoint(path), timeout);
    }

    @Override
    public Optional<Greeting> restoreMessage(RestoreContext context) {
      // To the processes that have a door for it. The variables stay as they were frozen: the
      // program has read them already.
      RestoreContext sent = new RestoreContext(Map.of(), context.entropy(), context.now());
      Buffer message = InstanceChannel.afterRestoreMessage(sent);
      return Optional.of(new Greeting(Greeting.DOORS, ByteBuffer.wrap(message.getBytes())));
    }

    @Override
    public Future<Void> notifyRestored(
        Instance instance, RestoreContext context, Buffer answer, Duration timeout) {
      return InstanceChannel.doorsOutcome(answer)
          .compose(renewed -> hook(instance, context, timeout));
    }

    private Future<Void> hook(Instance instance, RestoreContext context, Duration timeout) {
      String path = common.function().settings().httpHooks().afterRestore();
      return path == null
          ? Future.succeededFuture()
          : channel.hook(
              instance.socket(), "afterRestore", HttpChannel.afterRestore(path, context), timeout);
    }

    @Override
    public Future<Void> resume(Instance instance, RestoreContext context, Duration timeout) {
      return hook(instance, context, timeout);
    }

    @Override
    public RestoreContext restoreContext() {
      return common.restoreContext();
    }
  }
}
