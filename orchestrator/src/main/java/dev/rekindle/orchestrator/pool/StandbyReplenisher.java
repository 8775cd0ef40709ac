package dev.rekindle.orchestrator.pool;

import dev.rekindle.orchestrator.node.EventLoop;
import java.util.function.BooleanSupplier;

/** Starts instances before anybody asks for them. On the event loop. */
final class StandbyReplenisher {
  /**
   * A standby instance's successor is restored this much after it was taken: a restore keeps a core
   * busy for some 10 ms, which a quick handler would feel.
   */
  private static final long DELAY_MS = 20;

  private final EventLoop loop;
  private final BooleanSupplier mayStart;
  private final BooleanSupplier wantsMore;
  private final BooleanSupplier start;
  private boolean unservedWanted;

  /**
   * None is started yet.
   *
   * @param loop the service's event loop
   * @param mayStart whether no caller waits and one more instance fits
   * @param wantsMore whether the policy wants one more
   * @param start starts one; false if there was no place for it
   */
  StandbyReplenisher(
      EventLoop loop, BooleanSupplier mayStart, BooleanSupplier wantsMore, BooleanSupplier start) {
    this.loop = loop;
    this.mayStart = mayStart;
    this.wantsMore = wantsMore;
    this.start = start;
  }

  /** Wants one instance to be booted for a snapshot of a process that has served nothing. */
  void wantUnserved() {
    unservedWanted = true;
  }

  /** No such snapshot is wanted any more. */
  void forgetUnserved() {
    unservedWanted = false;
  }

  /** Starts one more instance if one is wanted; its arrival calls again. */
  void replenish() {
    if (mayStart.getAsBoolean()
        && (unservedWanted || wantsMore.getAsBoolean())
        && start.getAsBoolean()) {
      unservedWanted = false;
    }
  }

  /** The same in a moment. */
  void replenishSoon() {
    loop.after(DELAY_MS, this::replenish);
  }

  /** The same in a moment if a snapshot of an unserved instance is still wanted. */
  void retryUnserved() {
    if (unservedWanted) {
      replenishSoon();
    }
  }
}
