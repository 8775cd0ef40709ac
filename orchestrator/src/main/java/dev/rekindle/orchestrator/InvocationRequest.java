package dev.rekindle.orchestrator;

import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;

/**
 * An invocation on its way through a function's pool.
 *
 * @param id the request's id
 * @param event the event, as JSON
 * @param arrivedNanos when it arrived, on the clock of {@link System#nanoTime}
 * @param outcome completed with the answer
 * @param onRunning called when an instance takes it
 */
record InvocationRequest(
    String id,
    Buffer event,
    long arrivedNanos,
    Promise<InvocationOutcome> outcome,
    Runnable onRunning) {

  InvocationRequest(String id, Buffer event, long arrivedNanos, Runnable onRunning) {
    this(id, event, arrivedNanos, Promise.promise(), onRunning);
  }
}
