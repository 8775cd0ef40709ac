package dev.rekindle.orchestrator.node;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How many instances this node may run at once. Lives on the service's event loop. */
public final class Capacity {
  private final int limit;
  private final List<Runnable> waiters = new ArrayList<>();
  private int used;
  private int leaving;
  private Runnable reclaimer = () -> {};
  private Runnable onFull = () -> {};

  /** A node that may run {@code limit} instances. */
  public Capacity(int limit) {
    this.limit = limit;
  }

  /**
   * One instance's place. Whoever takes it gives it back, once: further calls do nothing, so a
   * place cannot be counted twice.
   */
  public final class Place {
    private boolean isLeaving;
    private boolean isFree;

    private Place() {}

    /** Its instance is being ended: the place will be free in a moment. */
    public void leaving() {
      if (!isLeaving && !isFree) {
        isLeaving = true;
        leaving++;
      }
    }

    /** Gives the place back, and calls those who wait for one. */
    public void free() {
      if (isFree) {
        return;
      }
      isFree = true;
      if (isLeaving) {
        leaving--;
      }
      used--;
      List.copyOf(waiters).forEach(Runnable::run);
    }
  }

  /** Sets what ends an idle instance somewhere, if there is one, when a place is missing. */
  public void onShortage(Runnable reclaim) {
    reclaimer = reclaim;
  }

  /** Sets what is done when the last place is taken. */
  public void onFull(Runnable listener) {
    onFull = listener;
  }

  /** Asks for a place to become free; {@link #onFree} calls back when one is. */
  public void reclaim() {
    reclaimer.run();
  }

  /** How many places there are. */
  public int limit() {
    return limit;
  }

  /** How many places are taken. */
  public int used() {
    return used;
  }

  /** Whether a place is free. */
  public boolean hasRoom() {
    return used < limit;
  }

  /** Takes a place for an instance; null if all are taken. */
  public @Nullable Place take() {
    if (!hasRoom()) {
      return null;
    }
    used++;
    Place place = new Place();
    if (!hasRoom()) {
      onFull.run();
    }
    return place;
  }

  /** How many places will be free in a moment. */
  public int leaving() {
    return leaving;
  }

  /** An instance has become idle: if all places are taken, another function may need this one's. */
  public void idle() {
    if (!hasRoom()) {
      List.copyOf(waiters).forEach(Runnable::run);
    }
  }

  /** Calls back whenever a place becomes free, or could be made free. */
  public void onFree(Runnable waiter) {
    waiters.add(waiter);
  }

  /** Calls it no more. */
  public void forget(Runnable waiter) {
    waiters.remove(waiter);
  }
}
