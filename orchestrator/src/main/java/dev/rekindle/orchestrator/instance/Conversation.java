package dev.rekindle.orchestrator.instance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.engine.sandbox.Greeting;
import dev.rekindle.orchestrator.function.DeployedFunction;
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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the platform itself says to the instances of a function, in the language that its runtime
 * understands. Futures fail with a {@link dev.rekindle.warmers.channel.ChannelException}.
 */
public interface Conversation {
  /**
   * Has an instance serve a sample event.
   *
   * @param requestId what the function sees as the request's id, where its runtime has one
   * @return what the function said of its failure, or null if it did not fail
   */
  Future<@Nullable String> sample(Instance instance, JsonNode event, String requestId);

  /** Has an instance get ready to be dumped. */
  Future<Void> beforeCheckpoint(Instance instance, Duration timeout);

  /** What a restored instance is told as soon as it runs: that it is a clone. */
  Optional<Greeting> greeting(RestoreContext context);

  /**
   * Completes when a restored instance knows that it is a clone.
   *
   * @param context what it is to know
   * @param answer what it said to its greeting, if there was one
   * @param timeout for what is still to be said
   */
  Future<Void> afterRestore(
      Instance instance, RestoreContext context, Buffer answer, Duration timeout);

  /**
   * Tells an instance that its checkpoint is over and that it is the one that was frozen. It is
   * told what a clone is told: hooks come in pairs, and what they do for the one is right for the
   * other.
   */
  Future<Void> goOn(Instance instance, RestoreContext context, Duration timeout);

  /** What an instance is to know: entropy of its own, the time, and its environment. */
  static RestoreContext context(Node node, DeployedFunction function) {
    byte[] entropy = new byte[RestoreContext.ENTROPY_BYTES];
    node.random().nextBytes(entropy);
    Map<String, String> environment = new LinkedHashMap<>(function.settings().environment());
    // Another node, or an earlier deployment of the same code, gave it another number.
    environment.put("AWS_LAMBDA_FUNCTION_VERSION", Integer.toString(function.version()));
    return new RestoreContext(environment, Buffer.buffer(entropy), node.clock().instant());
  }

  /** How to talk to the instances of a function. */
  static Conversation with(Node node, DeployedFunction function) {
    return node.servesHttp(function) ? new Http(node, function) : new Handler(node, function);
  }

  /** With handlers, by the bootstrap protocol. */
  record Handler(Node node, DeployedFunction function) implements Conversation {
    @Override
    public Future<@Nullable String> sample(Instance instance, JsonNode event, String requestId) {
      Duration timeout = Duration.ofMillis(function.settings().timeoutMs());
      Invocation invocation =
          Invocations.of(
              node,
              function,
              requestId,
              timeout,
              Buffer.buffer(event.toString()),
              InvocationDetails.NONE);
      return node.channel().invoke(instance.socket(), invocation, timeout).map(Handler::failure);
    }

    private static @Nullable String failure(InstanceReply reply) {
      return reply instanceof InstanceReply.FunctionError error
          ? error.errorType() + ": " + error.errorMessage()
          : null;
    }

    @Override
    public Future<Void> beforeCheckpoint(Instance instance, Duration timeout) {
      return node.channel().beforeCheckpoint(instance.socket(), timeout);
    }

    @Override
    public Optional<Greeting> greeting(RestoreContext context) {
      Buffer message = InstanceChannel.afterRestoreMessage(context);
      return Optional.of(new Greeting(Instance.SOCKET, ByteBuffer.wrap(message.getBytes())));
    }

    @Override
    public Future<Void> afterRestore(
        Instance instance, RestoreContext context, Buffer answer, Duration timeout) {
      return node.channel().afterRestoreOutcome(answer);
    }

    @Override
    public Future<Void> goOn(Instance instance, RestoreContext context, Duration timeout) {
      return node.channel().afterRestore(instance.socket(), context, timeout);
    }
  }

  /** With servers, by HTTP requests where they name hooks; clones also by their doors. */
  record Http(Node node, DeployedFunction function) implements Conversation {
    @Override
    public Future<@Nullable String> sample(Instance instance, JsonNode event, String requestId) {
      Duration timeout = Duration.ofMillis(function.settings().timeoutMs());
      return node.http()
          .send(instance.socket(), HttpCall.of(event), timeout)
          .map(reply -> reply.status() < 500 ? null : "status " + reply.status());
    }

    @Override
    public Future<Void> beforeCheckpoint(Instance instance, Duration timeout) {
      String path = function.settings().httpHooks().beforeCheckpoint();
      return path == null
          ? Future.succeededFuture()
          : node.http()
              .hook(
                  instance.socket(),
                  "beforeCheckpoint",
                  HttpChannel.beforeCheckpoint(path),
                  timeout);
    }

    @Override
    public Optional<Greeting> greeting(RestoreContext context) {
      // To the processes that have a door for it. The variables stay as they were frozen: the
      // program has read them already.
      RestoreContext spoken = new RestoreContext(Map.of(), context.entropy(), context.now());
      Buffer message = InstanceChannel.afterRestoreMessage(spoken);
      return Optional.of(new Greeting(Greeting.DOORS, ByteBuffer.wrap(message.getBytes())));
    }

    @Override
    public Future<Void> afterRestore(
        Instance instance, RestoreContext context, Buffer answer, Duration timeout) {
      return InstanceChannel.doorsOutcome(answer)
          .compose(renewed -> hook(instance, context, timeout));
    }

    private Future<Void> hook(Instance instance, RestoreContext context, Duration timeout) {
      String path = function.settings().httpHooks().afterRestore();
      return path == null
          ? Future.succeededFuture()
          : node.http()
              .hook(
                  instance.socket(),
                  "afterRestore",
                  HttpChannel.afterRestore(path, context),
                  timeout);
    }

    @Override
    public Future<Void> goOn(Instance instance, RestoreContext context, Duration timeout) {
      return hook(instance, context, timeout);
    }
  }
}
