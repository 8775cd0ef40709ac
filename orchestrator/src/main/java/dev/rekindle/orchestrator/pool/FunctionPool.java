package dev.rekindle.orchestrator.pool;

import dev.rekindle.api.EventType;
import dev.rekindle.api.FunctionFailure;
import dev.rekindle.api.InstanceCounts;
import dev.rekindle.api.InstanceState;
import dev.rekindle.api.Phase;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.api.ServerTiming;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.api.StartKind;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.function.FunctionLog;
import dev.rekindle.orchestrator.instance.Handover;
import dev.rekindle.orchestrator.instance.Instance;
import dev.rekindle.orchestrator.instance.InstanceStarter;
import dev.rekindle.orchestrator.instance.InvocationOutcome;
import dev.rekindle.orchestrator.instance.InvocationRequest;
import dev.rekindle.orchestrator.instance.Node;
import dev.rekindle.orchestrator.instance.StartFailure;
import dev.rekindle.orchestrator.instance.WorkingSetTrial;
import dev.rekindle.orchestrator.node.FunctionCounts;
import dev.rekindle.orchestrator.node.ServiceException;
import dev.rekindle.orchestrator.policy.ChosenPolicies;
import dev.rekindle.orchestrator.policy.FunctionPolicy;
import dev.rekindle.store.ArrivingFiles;
import dev.rekindle.warmers.channel.InstanceReply;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The instances of one version of a function and the requests that wait for them. All state lives
 * on the service's event loop, so there are no locks; this one class is long because each of its
 * transitions touches the same few lists.
 */
public final class FunctionPool {
  /**
   * A standby instance's successor is restored this much after it was taken: a restore keeps a core
   * busy for some 10 ms, which a quick handler would feel.
   */
  private static final long REPLENISH_DELAY_MS = 20;

  /** An instance that is kept beyond its time is looked at again so often at most. */
  private static final long LOOK_AGAIN_MS = 1_000;

  private static final String ASKED_FOR = "asked for";

  /** An event that never reached its instance is offered to so many others. */
  private static final int MAX_HANDOVERS = 3;

  private final Node node;
  private final FunctionCounts counts;
  private final InstanceStarter starter;
  private final Runnable onCapacity = this::dispatch;
  private final WaitingRequests waiting;
  private final Deque<Instance> free = new ArrayDeque<>();
  private final Map<String, Instance> instances = new LinkedHashMap<>();
  private final FunctionPolicy policy;
  private final SnapshotMaking snapshots;
  private DeployedFunction function;
  private int starting;
  private int releasing;
  private boolean unservedWanted; // a snapshot of an instance that has served nothing
  private boolean closed;
  private final Promise<Void> emptied = Promise.promise();

  FunctionPool(
      Node node,
      DeployedFunction function,
      FunctionPolicy policy,
      FunctionLog log,
      FunctionCounts counts) {
    this.node = node;
    this.function = function;
    this.policy = policy;
    this.counts = counts;
    this.starter = new InstanceStarter(node, log, counts);
    this.waiting = new WaitingRequests(node, function.name(), () -> starting);
    this.snapshots = new SnapshotMaking(node, policy, starter, counts);
    node.capacity().onFree(onCapacity);
  }

  /** Who speaks for its policy. */
  public FunctionPolicy policy() {
    return policy;
  }

  public DeployedFunction function() {
    return function;
  }

  /** Puts other policies in force. */
  public void policy(DeployedFunction changed, ChosenPolicies chosen) {
    function = changed;
    policy.choose(changed, chosen);
    unservedWanted = false;
    replenish();
  }

  /** Why the latest checkpoint failed, or null if it did not. */
  @Nullable String checkpointFailure() {
    return policy.checkpointFailure();
  }

  public int waiting() {
    return waiting.size();
  }

  public List<Instance> instances() {
    return List.copyOf(instances.values());
  }

  InstanceCounts instanceCounts() {
    Map<InstanceState, Integer> by = new EnumMap<>(InstanceState.class);
    instances.values().forEach(i -> by.merge(i.state(), 1, Integer::sum));
    return new InstanceCounts(
        starting,
        by.getOrDefault(InstanceState.STANDBY, 0),
        by.getOrDefault(InstanceState.BUSY, 0),
        by.getOrDefault(InstanceState.IDLE, 0),
        by.getOrDefault(InstanceState.CHECKPOINTING, 0));
  }

  /** Serves an event as soon as an instance is there for it. */
  public Future<InvocationOutcome> invoke(InvocationRequest request) {
    if (closed) {
      return Future.failedFuture(gone());
    }
    boolean served = !free.isEmpty() || canStart();
    if (!served && waiting.size() - starting >= node.config().queueLimit()) {
      node.metrics().refused(function.name());
      return Future.failedFuture(
          new ServiceException(
              ProblemCode.TOO_MANY_REQUESTS,
              "%d requests wait for an instance of '%s' already."
                  .formatted(waiting.size(), function.name())));
    }
    policy.arrived(waiting.size() + busy());
    waiting.add(request);
    dispatch();
    return request.outcome().future();
  }

  private boolean canStart() {
    return instances.size() + starting < function.settings().maxInstances()
        && node.capacity().used() < node.capacity().limit();
  }

  /** Matches waiting requests with free instances, and starts instances for the rest. */
  private void dispatch() {
    if (closed) {
      return;
    }
    while (!waiting.isEmpty() && !free.isEmpty()) {
      serve(free.removeLast(), waiting.take());
    }
    while (starting < waiting.size() && canStart() && node.capacity().take()) {
      start();
    }
    int room = function.settings().maxInstances() - instances.size() - starting;
    int wanted = Math.min(waiting.size() - starting, room);
    for (int missing = wanted - node.capacity().leaving(); missing > 0; missing--) {
      node.capacity().reclaim();
    }
  }

  /** Brings up one more instance if the policy wants one; its arrival calls again. */
  private void replenish() {
    if (closed || !waiting.isEmpty()) {
      return; // those who wait go first
    }
    boolean wanted =
        unservedWanted
            || (policy.wantsMore(fresh() + starting, instances.size() + starting)
                && !node.snapshots().views(function, true).isEmpty());
    if (wanted && node.memory().hasRoomForStandby() && canStart() && node.capacity().take()) {
      unservedWanted = false;
      start();
    }
  }

  private void replenishSoon() {
    node.vertx().setTimer(REPLENISH_DELAY_MS, unused -> replenish());
  }

  private int busy() {
    return (int) instances.values().stream().filter(i -> i.state() == InstanceState.BUSY).count();
  }

  private int fresh() {
    return (int) instances.values().stream().filter(Instance::isFresh).count();
  }

  /** The instance of these that has been idle for longest, if any is. */
  @Nullable Instance longestIdle(Predicate<Instance> which) {
    return free.stream()
        .filter(which)
        .min(Comparator.comparingLong(Instance::freeSinceNanos))
        .orElse(null);
  }

  /**
   * Ends an idle instance because others need what it takes. It is not frozen first, whatever its
   * policy would like: somebody waits.
   */
  void reclaim(Instance idle, String why) {
    node.metrics().evicted(function.name());
    end(idle, EventType.EVICTION, why);
  }

  private void start() {
    starting++;
    starter
        .start(function, policy)
        .onComplete(
            started -> {
              starting--;
              if (started.succeeded()) {
                arrived(started.result());
                dispatch();
                replenish();
              } else {
                startFailed(started.cause());
                node.capacity().give(); // only now: whoever waits is told before others try
                dispatch(); // but no standby: it would fail again at once
              }
              checkEmptied();
            });
  }

  private void arrived(Instance instance) {
    instances.put(instance.id(), instance);
    node.onLoop(instance.sandbox().exit(instance.pid()))
        .onSuccess(
            status -> {
              if (instance.state() != InstanceState.BUSY && instances.containsKey(instance.id())) {
                end(instance, EventType.FAILURE, "its process ended while idle with " + status);
              }
            });
    if (closed) {
      end(instance, EventType.EVICTION, "the version is no longer in force");
      return;
    }
    instance.standby();
    boolean wanted = instance.origin() == null && policy.wantsCheckpoint(instance);
    if (wanted && waiting.isEmpty()) {
      checkpoint(instance);
    } else {
      // Nobody waits for a dump: another instance is booted for it when this one has answered.
      unservedWanted |= wanted;
      offer(instance);
    }
  }

  /** One failed start answers one request: the one that has waited longest. */
  private void startFailed(Throwable e) {
    counts.startFailures++;
    node.metrics().startFailed(function.name());
    node.events()
        .add(EventType.FAILURE, function.name(), null, null, "start: " + e.getMessage(), null);
    if (waiting.isEmpty()) {
      return;
    }
    InvocationRequest request = waiting.take();
    StartFailure why = e instanceof StartFailure known ? known : new StartFailure("defect: " + e);
    FunctionFailure failure = why.functionFailure();
    if (failure == null) {
      request
          .outcome()
          .tryFail(
              new ServiceException(
                  ProblemCode.START_FAILED,
                  "No instance of '%s' could be started: %s"
                      .formatted(function.name(), e.getMessage())));
      return;
    }
    counts.functionFailures++;
    double total = (System.nanoTime() - request.arrivedNanos()) / 1e6;
    ServerTiming timing = new ServerTiming(Map.of(Phase.BOOT, total, Phase.TOTAL, total));
    request
        .outcome()
        .tryComplete(
            new InvocationOutcome(
                Buffer.buffer(),
                InstanceReply.Success.JSON,
                false,
                failure,
                StartKind.COLD,
                why.instance(),
                null,
                null,
                timing));
  }

  /** A free instance takes the next request, or waits until it is evicted. */
  private void offer(Instance instance) {
    if (!waiting.isEmpty()) {
      serve(instance, waiting.take());
      return;
    }
    if (instance.isFresh()) {
      free.addFirst(instance); // used ones are warmer: they go first
    } else {
      free.addLast(instance);
    }
    long idleMs = policy.idleMs();
    watch(instance, idleMs, idleMs);
    node.capacity().idle();
  }

  /** Evicts an instance when it was free for so long, or when it is no longer kept after that. */
  private void watch(Instance instance, long idleMs, long delayMs) {
    long since = instance.freeSinceNanos();
    node.vertx()
        .setTimer(
            delayMs,
            unused -> {
              if (!free.contains(instance) || instance.freeSinceNanos() != since) {
                return;
              }
              if (policy.keeps(instance, fresh(), instances.size())) {
                watch(instance, idleMs, Math.max(idleMs, LOOK_AGAIN_MS));
              } else {
                evictIdle(instance, idleMs);
              }
            });
  }

  /** The policy may keep what an instance has become: then it goes when it is frozen. */
  private void evictIdle(Instance instance, long idleMs) {
    if (policy.wantsCheckpointAtEviction(instance)) {
      free.remove(instance);
      long served = instance.served();
      checkpoint(instance)
          .onComplete(
              done -> {
                if (instance.served() == served) {
                  evicted(instance, idleMs);
                }
              });
      return;
    }
    evicted(instance, idleMs);
  }

  /** Unless it took another request while its snapshot was stored. */
  private void evicted(Instance instance, long idleMs) {
    if (free.contains(instance)) {
      node.metrics().evicted(function.name());
      end(instance, EventType.EVICTION, "idle for " + idleMs + " ms");
    }
  }

  private void serve(Instance instance, InvocationRequest request) {
    Handover handover = new Handover(node, function, instance, request);
    instance.busy();
    request.running();
    request
        .delivery()
        .to(handover)
        .onComplete(ended -> served(instance, request, ended.result(), ended.cause()));
    if (policy.wantsReady()) {
      replenishSoon();
    }
  }

  private void served(
      Instance instance,
      InvocationRequest request,
      Handover.@Nullable End end,
      @Nullable Throwable defect) {
    if (end == null) {
      request.outcome().tryFail(String.valueOf(defect));
      end(instance, EventType.FAILURE, "defect: " + defect);
      return;
    }
    if (!end.delivered()) {
      end(instance, EventType.FAILURE, "it did not take the event");
      handOver(request);
      return;
    }
    InvocationOutcome outcome = end.outcome();
    boolean failed = outcome == null || outcome.failure() != null;
    instance.served(failed);
    if (instance.served() == 1) {
      if (!failed) {
        WorkingSetTrial.keep(node, instance)
            .onFailure(
                e -> tell(EventType.FAILURE, instance, "working set not kept: " + e.getMessage()));
      }
      fetchRest(instance);
    }
    if (outcome != null) {
      counts.answered(outcome);
      measure(outcome);
      policy.served(instance, outcome, failed);
      request.outcome().tryComplete(outcome);
    } else {
      request.outcome().tryFail(end.problem());
    }
    if (!end.usable() || instance.isClosed()) {
      end(instance, EventType.FAILURE, "it cannot serve on: " + reason(end));
    } else if (closed) {
      end(instance, EventType.EVICTION, "the version is no longer in force");
    } else if (policy.wantsCheckpoint(instance)) {
      checkpoint(instance);
    } else {
      instance.idle();
      offer(instance);
    }
    dispatch();
    if (unservedWanted) {
      replenishSoon();
    }
  }

  /** Nobody waits for the first response any more: the snapshot may come as a whole. */
  public static void fetchRest(Instance instance) {
    Instance.Origin origin = instance.origin();
    if (origin != null) {
      origin.lease().arriving().ifPresent(ArrivingFiles::fetchRest);
    }
  }

  private static String reason(Handover.End end) {
    InvocationOutcome outcome = end.outcome();
    if (outcome != null && outcome.failure() != null) {
      return outcome.failure().errorType();
    }
    return end.problem() == null ? "" : String.valueOf(end.problem().getMessage());
  }

  private void handOver(InvocationRequest request) {
    if (request.handOver() > MAX_HANDOVERS) {
      request
          .outcome()
          .tryFail(
              new ServiceException(
                  ProblemCode.START_FAILED,
                  "Instances of '%s' came up but did not take the event."
                      .formatted(function.name())));
      return;
    }
    waiting.putBack(request);
    dispatch();
  }

  private void measure(InvocationOutcome outcome) {
    double totalMs = outcome.timing().of(Phase.TOTAL).orElse(0);
    node.metrics()
        .invocation(
            function.name(),
            outcome.start(),
            outcome.failure() == null ? "ok" : "function-error",
            Duration.ofNanos((long) (totalMs * 1e6)));
  }

  /** Freezes an idle or standby instance now, or a new one, because somebody asks for it. */
  public Future<SnapshotDescription> checkpointNow() {
    if (closed) {
      return Future.failedFuture(gone());
    }
    Instance instance = free.pollLast();
    if (instance != null) {
      return checkpoint(instance);
    }
    if (!canStart() || !node.capacity().take()) {
      return Future.failedFuture(
          new ServiceException(
              ProblemCode.CONFLICT,
              "All instances of '%s' are busy and no more may be started."
                  .formatted(function.name()),
              "Wait for a running invocation to end, then try again."));
    }
    starting++;
    return starter
        .start(function, policy)
        .transform(
            started -> {
              starting--;
              if (started.failed()) {
                node.capacity().give();
                checkEmptied();
                return Future.failedFuture(
                    new ServiceException(
                        ProblemCode.START_FAILED, String.valueOf(started.cause().getMessage())));
              }
              Instance fresh = started.result();
              arrived(fresh);
              if (!free.remove(fresh)) {
                return checkpointNow(); // a waiting request took it
              }
              return checkpoint(fresh);
            });
  }

  private Future<SnapshotDescription> checkpoint(Instance instance) {
    return freeze(instance, usable -> resume(instance, usable));
  }

  /**
   * Freezes an instance, be it of this pool or one that serves no caller.
   *
   * @param thawed called once, when it runs again or is lost, with whether it may serve on
   */
  public Future<SnapshotDescription> freeze(Instance instance, Consumer<Boolean> thawed) {
    return snapshots
        .make(
            function,
            instance,
            usable -> {
              thawed.accept(usable);
              dispatch();
            })
        .onComplete(
            made -> {
              dispatch();
              replenish();
            });
  }

  private void resume(Instance instance, boolean usable) {
    if (!usable) {
      end(instance, EventType.FAILURE, "it did not survive its checkpoint");
    } else if (closed) {
      end(instance, EventType.EVICTION, "the version is no longer in force");
    } else if (!instance.isClosed()) {
      if (instance.served() > 0) {
        instance.idle();
      } else {
        instance.standby();
      }
      offer(instance);
    }
  }

  /**
   * Ends all instances that serve nobody; those that the policy wants to keep in a snapshot are
   * frozen first.
   *
   * @return how many, when all snapshots are stored
   */
  public Future<Integer> evict() {
    List<Future<Void>> evictions = List.copyOf(free).stream().map(this::evict).toList();
    replenishSoon();
    return Future.join(evictions).map(evictions.size());
  }

  private Future<Void> evict(Instance instance) {
    if (!free.contains(instance)) {
      return Future.succeededFuture(); // it ended by itself meanwhile
    }
    node.metrics().evicted(function.name());
    if (!policy.wantsCheckpointAtEviction(instance)) {
      end(instance, EventType.EVICTION, ASKED_FOR);
      return Future.succeededFuture();
    }
    free.remove(instance);
    return freeze(instance, usable -> end(instance, EventType.EVICTION, ASKED_FOR))
        .transform(taken -> Future.succeededFuture()); // an event tells of a failure
  }

  private void end(Instance instance, EventType type, String why) {
    if (!instance.markClosed()) {
      return;
    }
    free.remove(instance);
    instances.remove(instance.id());
    policy.ended(instance);
    tell(type, instance, why);
    releasing++;
    node.capacity().leave();
    node.release(instance)
        .onComplete(
            done -> {
              releasing--;
              node.capacity().left();
              checkEmptied();
              if (unservedWanted) {
                replenishSoon();
              }
            });
  }

  private void tell(EventType type, Instance instance, String message) {
    Instance.Origin origin = instance.origin();
    String snapshot = origin == null ? null : origin.id();
    node.events().add(type, function.name(), instance.id(), snapshot, message, null);
  }

  /**
   * Takes the version out of force. Waiting requests are refused; running ones finish.
   *
   * @param endRunning whether to end running ones too
   * @return completes when its last instance is gone
   */
  Future<Void> close(boolean endRunning) {
    closed = true;
    node.capacity().forget(onCapacity);
    waiting.takeAll().forEach(request -> request.outcome().tryFail(gone()));
    for (Instance idle : List.copyOf(free)) {
      node.metrics().evicted(function.name());
      end(idle, EventType.EVICTION, "the version is no longer in force");
    }
    if (endRunning) {
      instances().forEach(i -> end(i, EventType.EVICTION, "the function was removed"));
    }
    checkEmptied();
    return emptied.future();
  }

  /** The requests that wait, for another version to serve. */
  List<InvocationRequest> takeWaiting() {
    return waiting.takeAll();
  }

  private void checkEmptied() {
    if (closed && instances.isEmpty() && starting == 0 && releasing == 0) {
      emptied.tryComplete();
    }
  }

  private ServiceException gone() {
    return new ServiceException(
        ProblemCode.UNKNOWN_FUNCTION,
        "The function '%s' was removed while the request waited.".formatted(function.name()));
  }
}
