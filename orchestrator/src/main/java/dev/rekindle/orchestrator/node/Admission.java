package dev.rekindle.orchestrator.node;

import dev.rekindle.api.ProblemCode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Supplier;

/** Lets invocations in until the service goes down, and knows when the last has ended. */
public final class Admission {
  private final Promise<Void> drained = Promise.promise();
  private Promise<Void> quiet = Promise.promise();
  private int running;
  private boolean closed;

  /** How many invocations are admitted and not yet answered. */
  public int running() {
    return running;
  }

  /** Whether new invocations are refused. */
  public boolean isClosed() {
    return closed;
  }

  /** Starts an invocation unless the service is going down. */
  public <T> Future<T> admit(Supplier<Future<T>> invocation) {
    if (closed) {
      return Future.failedFuture(
          new ServiceException(ProblemCode.SHUTTING_DOWN, "The service is shutting down."));
    }
    running++;
    return invocation.get().onComplete(ended -> left());
  }

  private void left() {
    running--;
    if (running == 0) {
      Promise<Void> waited = quiet;
      quiet = Promise.promise();
      waited.complete();
      if (closed) {
        drained.tryComplete();
      }
    }
  }

  /** Completes when no invocation runs, the next time that one ends. */
  public Future<Void> quiet() {
    return quiet.future();
  }

  /** Lets no more in; completes when the last one is out. */
  public Future<Void> close() {
    closed = true;
    if (running == 0) {
      drained.tryComplete();
    }
    return drained.future();
  }
}
