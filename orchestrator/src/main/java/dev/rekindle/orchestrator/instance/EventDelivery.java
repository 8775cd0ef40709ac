package dev.rekindle.orchestrator.instance;

import dev.rekindle.api.ProblemCode;
import dev.rekindle.orchestrator.node.ServiceException;
import dev.rekindle.warmers.channel.ChannelException;
import dev.rekindle.warmers.channel.InstanceReply;
import dev.rekindle.warmers.channel.InvocationDetails;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/**
 * Delivers one event to one instance and interprets what comes back.
 *
 * @param event the event, as JSON
 * @param details what else the handler gets; its ARN is added on the way
 */
public record EventDelivery(Buffer event, InvocationDetails details) implements Delivery {
  @Override
  public Future<Result> deliver(Attempt attempt) {
    FunctionRuntime runtime = attempt.runtime();
    if (!(runtime.protocol() instanceof FunctionProtocol.Events events)) {
      // The version that it waited for was replaced by one of another runtime.
      return Future.succeededFuture(new Result.Refused(runtime.notInvocable(), true));
    }
    return events
        .invoke(attempt.instance(), event, attempt.requestId(), details)
        .map(EventDelivery::answered)
        .recover(e -> broken(runtime, e));
  }

  private static Result answered(InstanceReply reply) {
    if (reply instanceof InstanceReply.Success success) {
      return success.result().length() > FunctionFailures.MAX_RESPONSE_BYTES
          ? new Result.Failure(FunctionFailures.tooLarge(), true)
          : new Result.Answer(success.result(), success.contentType(), success.streamed());
    }
    InstanceReply.FunctionError error = (InstanceReply.FunctionError) reply;
    return new Result.Failure(FunctionFailures.ofRuntime(error.document()), true);
  }

  private static Future<Result> broken(FunctionRuntime runtime, Throwable e) {
    if (!(e instanceof ChannelException channel)) {
      return Future.failedFuture(e);
    }
    return Future.succeededFuture(
        switch (channel.reason()) {
          case TIMEOUT -> new Result.Failure(FunctionFailures.timedOut(runtime.function()), false);
          case CANNOT_CONNECT -> new Result.NotTaken();
          case CLOSED_WITHOUT_REPLY -> new Result.Closed(Optional.empty());
          case REPLY_TOO_LARGE -> new Result.Failure(FunctionFailures.tooLarge(), false);
          case BAD_FRAME, HOOK_FAILED ->
              new Result.Refused(
                  new ServiceException(
                      ProblemCode.BAD_FUNCTION_REPLY, String.valueOf(channel.getMessage())),
                  false);
        });
  }
}
