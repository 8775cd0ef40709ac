package dev.rekindle.orchestrator.node;

import java.util.ArrayList;
import java.util.List;

/** How many instances this node may run at once. Lives on the service's event loop. */
public final class Capacity {
  private final int limit;
  private final List<Runnable> waiters = new ArrayList<>();
  private int used;
  private int leaving;
  private Runnable reclaimer = () -> {};
  private Runnable onFull = () -> {};

  public Capacity(int limit) {
    this.limit = limit;
  }

  /** Sets what ends an idle instance somewhere, if there is one, when a place is missing. */
  public void onShortage(Runnable reclaim) {
    reclaimer = reclaim;
  }

  /** Sets what is done when the last place is taken. */
  public void onFull(Runnable listener) {
    onFull = listener;
  }

  /** Asks for a place to become free; {@link #onFree} tells when. */
  public void reclaim() {
    reclaimer.run();
  }

  public int limit() {
    return limit;
  }

  public int used() {
    return used;
  }

  /** Takes a place for an instance; false if all are taken. */
  public boolean take() {
    if (used >= limit) {
      return false;
    }
    used++;
    if (used >= limit) {
      onFull.run();
    }
    return true;
  }

  /** Gives a place back, and tells those who wait for one. */
  public void give() {
    used--;
    waiters.forEach(Runnable::run);
  }

  /** An instance is being ended: its place will be free in a moment. */
  public void leave() {
    leaving++;
  }

  /** It has ended. */
  public void left() {
    leaving--;
    give();
  }

  /** How many places will be free in a moment. */
  public int leaving() {
    return leaving;
  }

  /** An instance has become idle: if all places are taken, somebody may want this one's. */
  public void idle() {
    if (used >= limit) {
      waiters.forEach(Runnable::run);
    }
  }

  /** Has a function told whenever a place becomes free, or could be made free. */
  public void onFree(Runnable waiter) {
    waiters.add(waiter);
  }

  /** Tells it no more. */
  public void forget(Runnable waiter) {
    waiters.remove(waiter);
  }
}
