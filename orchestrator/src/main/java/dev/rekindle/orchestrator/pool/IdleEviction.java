package dev.rekindle.orchestrator.pool;

import dev.rekindle.api.EventType;
import dev.rekindle.orchestrator.instance.Instance;
import dev.rekindle.orchestrator.node.EventLoop;
import io.vertx.core.Future;
import java.util.List;

/** Ends instances that have been idle for as long as their policy keeps them. On the event loop. */
final class IdleEviction {
  /** An instance that is kept beyond its time is looked at again so often at most. */
  private static final long LOOK_AGAIN_MS = 1_000;

  private static final String REQUESTED = "asked for";

  private final EventLoop loop;
  private final PoolInstances instances;
  private final Rules rules;
  private final Verbs verbs;

  /** What the policy wants of idle instances. */
  interface Rules {
    /** How long an instance may be idle, in milliseconds. */
    long idleMs();

    /** Whether to keep it however long it is idle; there are that many fresh ones, and in all. */
    boolean keeps(Instance instance, int fresh, int all);

    /** Whether to freeze it before it goes. */
    boolean wantsCheckpointAtEviction(Instance instance);
  }

  /** What the pool does with an instance. */
  interface Verbs {
    /** Counts an eviction that is about to happen. */
    void evicting();

    /** Ends it. */
    void end(Instance instance, EventType type, String why);

    /** Freezes it, and offers it again; completes when its snapshot is stored, or fails. */
    Future<?> checkpoint(Instance instance);

    /** Freezes it and ends it as soon as the dump is done; completes as above. */
    Future<?> checkpointAndEnd(Instance instance, String why);
  }

  IdleEviction(EventLoop loop, PoolInstances instances, Rules rules, Verbs verbs) {
    this.loop = loop;
    this.instances = instances;
    this.rules = rules;
    this.verbs = verbs;
  }

  /** Evicts an instance when it was free for so long, or when it is no longer kept after that. */
  void watch(Instance instance) {
    long idleMs = rules.idleMs();
    watch(instance, idleMs, idleMs);
  }

  private void watch(Instance instance, long idleMs, long delayMs) {
    long since = instance.freeSinceNanos();
    loop.after(
        delayMs,
        () -> {
          if (!instances.isFree(instance) || instance.freeSinceNanos() != since) {
            return;
          }
          if (rules.keeps(instance, instances.fresh(), instances.size())) {
            watch(instance, idleMs, Math.max(idleMs, LOOK_AGAIN_MS));
          } else {
            evict(instance, "idle for " + idleMs + " ms");
          }
        });
  }

  /** The policy may keep what an instance has become: then it goes when it is frozen. */
  private void evict(Instance instance, String why) {
    if (!rules.wantsCheckpointAtEviction(instance)) {
      evictNow(instance, why);
      return;
    }
    instances.takeFree(instance);
    long served = instance.served();
    verbs
        .checkpoint(instance)
        .onComplete(
            done -> {
              if (instance.served() == served) {
                evictNow(instance, why);
              }
            });
  }

  /** Unless it took another request while its snapshot was stored. */
  private void evictNow(Instance instance, String why) {
    if (instances.isFree(instance)) {
      verbs.evicting();
      verbs.end(instance, EventType.EVICTION, why);
    }
  }

  /**
   * Ends all instances that serve nobody; those that the policy wants to keep in a snapshot are
   * frozen first.
   *
   * @return how many, when all snapshots are stored
   */
  Future<Integer> evictAll() {
    List<Future<Void>> evictions = instances.free().stream().map(this::evictRequested).toList();
    return Future.join(evictions).map(evictions.size());
  }

  private Future<Void> evictRequested(Instance instance) {
    if (!instances.isFree(instance)) {
      return Future.succeededFuture(); // it ended by itself meanwhile
    }
    verbs.evicting();
    if (!rules.wantsCheckpointAtEviction(instance)) {
      verbs.end(instance, EventType.EVICTION, REQUESTED);
      return Future.succeededFuture();
    }
    instances.takeFree(instance);
    return verbs
        .checkpointAndEnd(instance, REQUESTED)
        .transform(taken -> Future.succeededFuture()); // an event reports a failure
  }
}
