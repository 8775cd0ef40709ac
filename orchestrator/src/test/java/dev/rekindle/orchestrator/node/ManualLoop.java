package dev.rekindle.orchestrator.node;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An event loop whose time a test moves by hand. Posted tasks run when the test says so; timers run
 * in the order in which they are due. Everything runs on the thread of the test.
 */
public final class ManualLoop implements EventLoop {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final PriorityQueue<Due> timers =
      new PriorityQueue<>(
          Comparator.comparingLong((Due due) -> due.atMs).thenComparing(due -> due.number));
  private final Deque<Runnable> posted = new ArrayDeque<>();
  private long nowMs;
  private long number;

  private static final class Due {
    final long atMs;
    final long number;
    final Runnable task;

    Due(long atMs, long number, Runnable task) {
      this.atMs = atMs;
      this.number = number;
      this.task = task;
    }
  }

  /** What a timer's handle still refers to: a periodic one has another entry after each tick. */
  private static final class Handle {
    @Nullable Due due;
  }

  /** Moves time on, and runs what is due meanwhile. */
  public void advance(long millis) {
    long until = nowMs + millis;
    runPosted();
    while (!timers.isEmpty() && timers.peek().atMs <= until) {
      Due next = timers.remove();
      nowMs = next.atMs;
      next.task.run();
      runPosted();
    }
    nowMs = until;
  }

  /** Runs what was posted, and what that posts. */
  public void runPosted() {
    while (!posted.isEmpty()) {
      posted.removeFirst().run();
    }
  }

  /** How many timers are armed. */
  public int armed() {
    return timers.size();
  }

  @Override
  public Timer after(long delayMs, Runnable task) {
    Due due = new Due(nowMs + Math.max(1, delayMs), number++, task);
    timers.add(due);
    return () -> timers.remove(due);
  }

  @Override
  public Timer every(long firstMs, long periodMs, Runnable task) {
    Handle handle = new Handle();
    arm(handle, Math.max(1, firstMs), Math.max(1, periodMs), task);
    return () -> handle.due != null && timers.remove(handle.due);
  }

  private void arm(Handle handle, long delayMs, long periodMs, Runnable task) {
    Due due =
        new Due(
            nowMs + delayMs,
            number++,
            () -> {
              arm(handle, periodMs, periodMs, task);
              task.run();
            });
    handle.due = due;
    timers.add(due);
  }

  @Override
  public void post(Runnable task) {
    posted.addLast(task);
  }

  @Override
  public <T> Future<T> future(CompletionStage<T> stage) {
    Promise<T> promise = Promise.promise();
    stage.whenComplete(
        (value, failure) ->
            post(
                () -> {
                  if (failure == null) {
                    promise.complete(value);
                  } else {
                    promise.fail(failure);
                  }
                }));
    return promise.future();
  }

  @Override
  public long nanoTime() {
    return TimeUnit.MILLISECONDS.toNanos(nowMs);
  }

  @Override
  public InstantSource clock() {
    return () -> START.plus(Duration.ofMillis(nowMs));
  }
}
