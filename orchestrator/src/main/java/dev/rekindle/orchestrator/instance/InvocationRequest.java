package dev.rekindle.orchestrator.instance;

import io.vertx.core.Promise;

/** An invocation on its way through a function's pool. Equal to itself only. */
public final class InvocationRequest {
  private final String id;
  private final Delivery delivery;
  private final long arrivedNanos;
  private final Runnable onRunning;
  private final Promise<InvocationOutcome> outcome = Promise.promise();
  private int attempts;

  /**
   * A request that has just arrived.
   *
   * @param id the request's id
   * @param delivery puts it to an instance
   * @param arrivedNanos when it arrived, on the clock of {@link System#nanoTime}
   * @param onRunning called when an instance takes it
   */
  public InvocationRequest(String id, Delivery delivery, long arrivedNanos, Runnable onRunning) {
    this.id = id;
    this.delivery = delivery;
    this.arrivedNanos = arrivedNanos;
    this.onRunning = onRunning;
  }

  /** The request's id. */
  public String id() {
    return id;
  }

  public Delivery delivery() {
    return delivery;
  }

  /** When it arrived, on the clock of {@link System#nanoTime}. */
  public long arrivedNanos() {
    return arrivedNanos;
  }

  /** Completed with the answer. */
  public Promise<InvocationOutcome> outcome() {
    return outcome;
  }

  /** An instance takes it. */
  public void running() {
    onRunning.run();
  }

  /** Counts instances that did not take it after all. */
  public int attempted() {
    return ++attempts;
  }
}
