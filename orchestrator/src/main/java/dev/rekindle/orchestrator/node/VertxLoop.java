package dev.rekindle.orchestrator.node;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;

/**
 * The event loop of a running service.
 *
 * @param vertx runs its timers
 * @param context its thread
 * @param clock the wall clock
 */
public record VertxLoop(Vertx vertx, Context context, InstantSource clock) implements EventLoop {
  @Override
  public Timer after(long delayMs, Runnable task) {
    long id = vertx.setTimer(Math.max(1, delayMs), tick -> task.run());
    return () -> vertx.cancelTimer(id);
  }

  @Override
  public Timer every(long firstMs, long periodMs, Runnable task) {
    long id = vertx.setPeriodic(Math.max(1, firstMs), Math.max(1, periodMs), tick -> task.run());
    return () -> vertx.cancelTimer(id);
  }

  @Override
  public void post(Runnable task) {
    context.runOnContext(unused -> task.run());
  }

  @Override
  public <T> Future<T> future(CompletionStage<T> stage) {
    return Future.fromCompletionStage(stage, context);
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }
}
