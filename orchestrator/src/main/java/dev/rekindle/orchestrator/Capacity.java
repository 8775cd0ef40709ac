package dev.rekindle.orchestrator;

import java.util.ArrayList;
import java.util.List;

/** How many instances this node may run at once. Lives on the service's event loop. */
final class Capacity {
  private final int limit;
  private final List<Runnable> waiters = new ArrayList<>();
  private int used;
  private int leaving;
  private Runnable reclaimer = () -> {};
  private Runnable onFull = () -> {};

  Capacity(int limit) {
    this.limit = limit;
  }

  /** Sets what ends an idle instance somewhere, if there is one, when a place is missing. */
  void onShortage(Runnable reclaim) {
    reclaimer = reclaim;
  }

  /** Sets what is done when the last place is taken. */
  void onFull(Runnable listener) {
    onFull = listener;
  }

  /** Asks for a place to become free; {@link #onFree} tells when. */
  void reclaim() {
    reclaimer.run();
  }

  int limit() {
    return limit;
  }

  int used() {
    return used;
  }

  /** Takes a place for an instance; false if all are taken. */
  boolean take() {
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
  void give() {
    used--;
    waiters.forEach(Runnable::run);
  }

  /** An instance is being ended: its place will be free in a moment. */
  void leave() {
    leaving++;
  }

  /** It has ended. */
  void left() {
    leaving--;
    give();
  }

  /** How many places will be free in a moment. */
  int leaving() {
    return leaving;
  }

  /** An instance has become idle: if all places are taken, somebody may want this one's. */
  void idle() {
    if (used >= limit) {
      waiters.forEach(Runnable::run);
    }
  }

  /** Has a function told whenever a place becomes free, or could be made free. */
  void onFree(Runnable waiter) {
    waiters.add(waiter);
  }

  /** Tells it no more. */
  void forget(Runnable waiter) {
    waiters.remove(waiter);
  }
}
