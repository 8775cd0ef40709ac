package dev.rekindle.orchestrator.instance;

import dev.rekindle.api.EventType;
import dev.rekindle.engine.SnapshotEngine;
import dev.rekindle.orchestrator.config.ServiceConfig;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.node.Capacity;
import dev.rekindle.orchestrator.node.EventLog;
import dev.rekindle.orchestrator.node.Metrics;
import dev.rekindle.orchestrator.node.Workers;
import dev.rekindle.orchestrator.policy.model.SharedBudget;
import dev.rekindle.orchestrator.pool.MemoryKeeper;
import dev.rekindle.orchestrator.snapshot.SnapshotCatalog;
import dev.rekindle.orchestrator.snapshot.SnapshotSavings;
import dev.rekindle.orchestrator.snapshot.WorkingSets;
import dev.rekindle.store.SnapshotStore;
import dev.rekindle.warmers.Warmers;
import dev.rekindle.warmers.channel.HttpChannel;
import dev.rekindle.warmers.channel.InstanceChannel;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;

/**
 * The parts that all functions of this node share.
 *
 * @param vertx runs the service
 * @param loop the event loop that all state lives on
 * @param workers the threads that may block
 * @param config the service's settings
 * @param engine makes, freezes and restores sandboxes
 * @param store keeps snapshots
 * @param workingSets what lazy restores need first
 * @param warmers know the runtimes
 * @param channel talks to instances with handlers
 * @param http talks to instances that serve HTTP
 * @param snapshots what is known of each snapshot
 * @param events what happened
 * @param metrics counters and timers
 * @param capacity how many instances this node may run
 * @param memory knows when memory is short
 * @param budget what all functions together may spend
 * @param savings what each snapshot is worth
 * @param clock tells the time
 * @param random makes ids and the entropy of clones
 */
public record Node(
    Vertx vertx,
    Context loop,
    Workers workers,
    ServiceConfig config,
    SnapshotEngine engine,
    SnapshotStore store,
    WorkingSets workingSets,
    Warmers warmers,
    InstanceChannel channel,
    HttpChannel http,
    SnapshotCatalog snapshots,
    EventLog events,
    Metrics metrics,
    Capacity capacity,
    MemoryKeeper memory,
    SharedBudget budget,
    SnapshotSavings savings,
    InstantSource clock,
    SecureRandom random) {

  /** A future for what other threads complete; it calls back on the event loop. */
  public <T> Future<T> onLoop(CompletionStage<T> stage) {
    return Future.fromCompletionStage(stage, loop);
  }

  /** Removes a snapshot that no function here owns from this node; others may still use it. */
  public Future<Void> forgetSnapshot(String id) {
    snapshots.remove(id);
    return workers
        .<Void>file(
            () -> {
              store.forget(id);
              return null;
            })
        .onFailure(
            e -> events.add(EventType.FAILURE, "", null, id, "delete: " + e.getMessage(), null));
  }

  /** The port on which a function's instances serve HTTP, or 0 if they take events. */
  int port(DeployedFunction function) {
    return warmers.find(function.settings().runtime()).map(w -> w.port().orElse(0)).orElse(0);
  }

  /** Whether a function is reached by HTTP requests rather than by events. */
  public boolean servesHttp(DeployedFunction function) {
    return port(function) > 0;
  }

  /** Removes a snapshot; instances restored from it live on. */
  public Future<Void> deleteSnapshot(String id) {
    snapshots.remove(id);
    return workers
        .<Void>file(
            () -> {
              store.delete(id);
              engine.forgetDeleted();
              return null;
            })
        .onFailure(
            e -> events.add(EventType.FAILURE, "", null, id, "delete: " + e.getMessage(), null));
  }

  /** Ends an instance's processes, off the event loop; a failure to do so is only logged. */
  public Future<Void> release(Instance instance) {
    return instance
        .held()
        .transform(
            held ->
                workers.<Void>file(
                    () -> {
                      instance.release();
                      return null;
                    }))
        .onFailure(
            e ->
                System.getLogger(Node.class.getName())
                    .log(
                        System.Logger.Level.WARNING,
                        "event=release-failed instance={0} error={1}",
                        instance.id(),
                        e.toString()))
        .otherwiseEmpty();
  }
}
