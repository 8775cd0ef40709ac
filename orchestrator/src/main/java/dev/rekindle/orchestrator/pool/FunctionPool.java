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
import dev.rekindle.orchestrator.instance.Attempt;
import dev.rekindle.orchestrator.instance.AttemptResult;
import dev.rekindle.orchestrator.instance.FunctionJournal;
import dev.rekindle.orchestrator.instance.FunctionRuntime;
import dev.rekindle.orchestrator.instance.Instance;
import dev.rekindle.orchestrator.instance.InstanceStarter;
import dev.rekindle.orchestrator.instance.InvocationOutcome;
import dev.rekindle.orchestrator.instance.InvocationRequest;
import dev.rekindle.orchestrator.instance.StartFailure;
import dev.rekindle.orchestrator.instance.WorkingSetTrial;
import dev.rekindle.orchestrator.node.Capacity;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.orchestrator.node.MemoryPressure;
import dev.rekindle.orchestrator.node.ServiceException;
import dev.rekindle.orchestrator.node.Workers;
import dev.rekindle.orchestrator.policy.ChosenPolicies;
import dev.rekindle.orchestrator.policy.FunctionPolicy;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import dev.rekindle.orchestrator.snapshot.SnapshotCatalog;
import dev.rekindle.store.ArrivingFiles;
import dev.rekindle.warmers.channel.InstanceReply;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Matches the requests for one version of a function with its instances, and starts instances for
 * those that wait. All state lives on the event loop, so there are no locks.
 */
public final class FunctionPool {
  /** An event that never reached its instance is offered to so many others. */
  private static final int MAX_ATTEMPTS = 3;

  private static final String REPLACED = "the version is no longer in force";

  private final Parts parts;
  private final FunctionRuntime runtime;
  private final FunctionPolicy policy;
  private final FunctionJournal journal;
  private final InstanceStarter starter;
  private final WorkingSetTrial workingSets;
  private final WaitingRequests waiting;
  private final PoolInstances instances = new PoolInstances();
  private final Checkpoints checkpoints;
  private final IdleEviction eviction;
  private final StandbyReplenisher standby;
  private final Runnable onCapacity = this::dispatch;
  private final Promise<Void> emptied = Promise.promise();
  private int starting;
  private int releasing;
  private boolean closed;

  /**
   * What all pools of a node share.
   *
   * @param loop the service's event loop
   * @param workers may block
   * @param capacity how many instances the node may run
   * @param memory whether memory is short
   * @param catalog what is known of each snapshot
   * @param queueLimit how many requests of a function may wait
   */
  public record Parts(
      EventLoop loop,
      Workers workers,
      Capacity capacity,
      MemoryPressure memory,
      SnapshotCatalog catalog,
      int queueLimit) {}

  FunctionPool(
      Parts parts,
      FunctionRuntime runtime,
      FunctionPolicy policy,
      FunctionJournal journal,
      InstanceStarter starter,
      WorkingSetTrial workingSets,
      WaitingRequests waiting,
      Checkpoints checkpoints) {
    this.parts = parts;
    this.runtime = runtime;
    this.policy = policy;
    this.journal = journal;
    this.starter = starter;
    this.workingSets = workingSets;
    this.waiting = waiting;
    this.checkpoints = checkpoints;
    this.eviction = new IdleEviction(parts.loop(), instances, new EvictionRules(), new Verbs());
    this.standby =
        new StandbyReplenisher(
            parts.loop(), this::mayReplenish, this::wantsMore, this::startInAdvance);
    waiting.onTheirWay(() -> starting);
    parts.capacity().onFree(onCapacity);
  }

  /** The policies of its version. */
  public FunctionPolicy policy() {
    return policy;
  }

  /** The version in force, with the policy in force. */
  public DeployedFunction function() {
    return policy.function();
  }

  /** The version's runtime. */
  public FunctionRuntime runtime() {
    return runtime;
  }

  /** What starts its instances. */
  public InstanceStarter starter() {
    return starter;
  }

  /** Puts other policies in force. */
  void policy(DeployedFunction changed, ChosenPolicies chosen) {
    policy.choose(changed, chosen);
    standby.forgetUnserved();
    standby.replenish();
  }

  /** Why the latest checkpoint failed, or null if it did not. */
  public @Nullable String checkpointFailure() {
    return policy.checkpointFailure();
  }

  /** How many requests wait. */
  public int waiting() {
    return waiting.size();
  }

  /** A copy of its instances. */
  public List<Instance> instances() {
    return instances.all();
  }

  /** How many instances there are in each state. */
  public InstanceCounts instanceCounts() {
    return instances.counts(starting);
  }

  /** Serves a request as soon as an instance is there for it. */
  public Future<InvocationOutcome> invoke(InvocationRequest request) {
    if (closed) {
      return Future.failedFuture(gone());
    }
    boolean served = instances.hasFree() || canStart();
    if (!served && waiting.size() - starting >= parts.queueLimit()) {
      journal.refused();
      return Future.failedFuture(
          new ServiceException(
              ProblemCode.TOO_MANY_REQUESTS,
              "%d requests wait for an instance of '%s' already."
                  .formatted(waiting.size(), runtime.name())));
    }
    policy.arrived(waiting.size() + instances.busy());
    waiting.add(request);
    dispatch();
    return request.outcome().future();
  }

  private boolean canStart() {
    return room() > 0 && parts.capacity().hasRoom();
  }

  private int room() {
    return runtime.function().settings().maxInstances() - instances.size() - starting;
  }

  /** Matches waiting requests with free instances, and starts instances for the rest. */
  private void dispatch() {
    if (closed) {
      return;
    }
    while (!waiting.isEmpty()) {
      Instance free = instances.takeFree();
      if (free == null) {
        break;
      }
      serve(free, waiting.take());
    }
    while (starting < waiting.size() && startOne()) {
      // one more is on its way
    }
    int wanted = Math.min(waiting.size() - starting, room());
    for (int missing = wanted - parts.capacity().leaving(); missing > 0; missing--) {
      parts.capacity().reclaim();
    }
  }

  // -- starting

  private boolean mayReplenish() {
    return !closed && waiting.isEmpty() && canStart() && parts.memory().hasRoomForStandby();
  }

  private boolean wantsMore() {
    return policy.wantsMore(instances.fresh() + starting, instances.size() + starting)
        && !parts.catalog().views(function(), true).isEmpty();
  }

  private boolean startInAdvance() {
    return startOne();
  }

  /** Starts an instance if there is a place for it. */
  private boolean startOne() {
    Capacity.Place place = canStart() ? parts.capacity().take() : null;
    if (place == null) {
      return false;
    }
    startInstance()
        .onComplete(
            started -> {
              if (started.succeeded()) {
                arrived(started.result(), place);
                dispatch();
                standby.replenish();
              } else {
                startFailed(started.cause());
                place.free(); // only now: whoever waits is answered before others try
                dispatch(); // but no standby: it would fail again at once
              }
              checkEmptied();
            });
    return true;
  }

  private Future<Instance> startInstance() {
    starting++;
    StartPlan plan = policy.start();
    return starter
        .start(plan.start())
        .map(instance -> instance.meantFor(plan))
        .onSuccess(policy::started)
        .onComplete(done -> starting--);
  }

  private void arrived(Instance instance, Capacity.Place place) {
    instances.add(instance, place);
    parts
        .loop()
        .future(instance.sandbox().exit(instance.pid()))
        .onSuccess(
            status -> {
              if (instance.state() != InstanceState.BUSY && instances.contains(instance)) {
                end(instance, EventType.FAILURE, "its process ended while idle with " + status);
              }
            });
    if (closed) {
      end(instance, EventType.EVICTION, REPLACED);
      return;
    }
    instance.standby(parts.loop().nanoTime());
    boolean wanted = instance.origin() == null && policy.wantsCheckpoint(instance);
    if (wanted && waiting.isEmpty()) {
      checkpoint(instance);
    } else {
      // Nobody waits for a dump: another instance is booted for it when this one has answered.
      if (wanted) {
        standby.wantUnserved();
      }
      offer(instance);
    }
  }

  /** One failed start answers one request: the one that has waited longest. */
  private void startFailed(Throwable e) {
    journal.startFailed(e);
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
                      .formatted(runtime.name(), e.getMessage())));
      return;
    }
    journal.failedToLoad();
    double total = (parts.loop().nanoTime() - request.arrivedNanos()) / 1e6;
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

  // -- serving

  /** A free instance takes the next request, or waits until it is evicted. */
  private void offer(Instance instance) {
    if (!waiting.isEmpty()) {
      serve(instance, waiting.take());
      return;
    }
    instances.offer(instance);
    eviction.watch(instance);
    parts.capacity().idle();
  }

  private void serve(Instance instance, InvocationRequest request) {
    instance.busy();
    request.running();
    new Attempt(parts.loop(), runtime, instance, request)
        .run()
        .onSuccess(result -> served(instance, request, result))
        .onFailure(
            defect -> {
              request.outcome().tryFail(String.valueOf(defect));
              end(instance, EventType.FAILURE, "defect: " + defect);
            });
    if (policy.wantsReady()) {
      standby.replenishSoon();
    }
  }

  private void served(Instance instance, InvocationRequest request, AttemptResult result) {
    if (result instanceof AttemptResult.NotDelivered) {
      end(instance, EventType.FAILURE, "it did not take the event");
      tryAnother(request);
      return;
    }
    String failure = "";
    if (result instanceof AttemptResult.Answered answered) {
      noteServed(instance, false);
      answer(instance, request, answered.outcome(), false);
    } else if (result instanceof AttemptResult.FunctionFailed failed) {
      noteServed(instance, true);
      failure = String.valueOf(failed.outcome().failure());
      answer(instance, request, failed.outcome(), true);
    } else if (result instanceof AttemptResult.PlatformProblem refused) {
      noteServed(instance, true);
      failure = String.valueOf(refused.problem().getMessage());
      request.outcome().tryFail(refused.problem());
    }
    if (!result.usable() || instance.isClosed()) {
      end(instance, EventType.FAILURE, "it cannot serve on: " + failure);
    } else if (closed) {
      end(instance, EventType.EVICTION, REPLACED);
    } else if (policy.wantsCheckpoint(instance)) {
      checkpoint(instance);
    } else {
      instance.idle(parts.loop().nanoTime());
      offer(instance);
    }
    dispatch();
    standby.retryUnserved();
  }

  private void answer(
      Instance instance, InvocationRequest request, InvocationOutcome outcome, boolean failed) {
    journal.answered(outcome);
    policy.served(instance, outcome, failed);
    request.outcome().tryComplete(outcome);
  }

  /** Its first answer shows which pages a restore needs; after it the rest may come. */
  private void noteServed(Instance instance, boolean failed) {
    instance.served(failed);
    if (instance.served() != 1) {
      return;
    }
    if (!failed) {
      workingSets
          .keep(instance)
          .onFailure(
              e ->
                  journal.ended(
                      instance, EventType.FAILURE, "working set not kept: " + e.getMessage()));
    }
    fetchRest(instance);
  }

  /** Nobody waits for the first response any more: the snapshot may come as a whole. */
  public static void fetchRest(Instance instance) {
    Instance.Origin origin = instance.origin();
    if (origin != null) {
      origin.lease().arriving().ifPresent(ArrivingFiles::fetchRest);
    }
  }

  private void tryAnother(InvocationRequest request) {
    if (request.attempted() > MAX_ATTEMPTS) {
      request
          .outcome()
          .tryFail(
              new ServiceException(
                  ProblemCode.START_FAILED,
                  "Instances of '%s' came up but did not take the event."
                      .formatted(runtime.name())));
      return;
    }
    waiting.putBack(request);
    dispatch();
  }

  // -- freezing

  /** Freezes an idle or standby instance now, or a new one, because a caller asks for it. */
  public Future<SnapshotDescription> checkpointNow() {
    if (closed) {
      return Future.failedFuture(gone());
    }
    Instance instance = instances.takeFree();
    if (instance != null) {
      return checkpoint(instance);
    }
    Capacity.Place place = canStart() ? parts.capacity().take() : null;
    if (place == null) {
      return Future.failedFuture(
          new ServiceException(
              ProblemCode.CONFLICT,
              "All instances of '%s' are busy and no more may be started."
                  .formatted(runtime.name()),
              "Wait for a running invocation to end, then try again."));
    }
    return startInstance()
        .transform(
            started -> {
              if (started.failed()) {
                place.free();
                checkEmptied();
                return Future.failedFuture(
                    new ServiceException(
                        ProblemCode.START_FAILED, String.valueOf(started.cause().getMessage())));
              }
              Instance fresh = started.result();
              arrived(fresh, place);
              if (!instances.takeFree(fresh)) {
                return checkpointNow(); // a waiting request took it
              }
              return checkpoint(fresh);
            });
  }

  private Future<SnapshotDescription> checkpoint(Instance instance) {
    Checkpoints.Freeze freeze = freeze(instance);
    freeze.resumed().onSuccess(usable -> resume(instance, usable));
    return freeze.stored();
  }

  /** Freezes an instance, be it of this pool or one that serves no caller. */
  public Checkpoints.Freeze freeze(Instance instance) {
    Checkpoints.Freeze freeze = checkpoints.freeze(instance);
    freeze.resumed().onSuccess(usable -> parts.loop().post(this::dispatch));
    freeze
        .stored()
        .onComplete(
            made -> {
              dispatch();
              standby.replenish();
            });
    return freeze;
  }

  private void resume(Instance instance, boolean usable) {
    if (!usable) {
      end(instance, EventType.FAILURE, "it did not survive its checkpoint");
    } else if (closed) {
      end(instance, EventType.EVICTION, REPLACED);
    } else if (!instance.isClosed()) {
      if (instance.served() > 0) {
        instance.idle(parts.loop().nanoTime());
      } else {
        instance.standby(parts.loop().nanoTime());
      }
      offer(instance);
    }
  }

  // -- ending

  private final class EvictionRules implements IdleEviction.Rules {
    @Override
    public long idleMs() {
      return policy.idleMs();
    }

    @Override
    public boolean keeps(Instance instance, int fresh, int all) {
      return policy.keeps(instance, fresh, all);
    }

    @Override
    public boolean wantsCheckpointAtEviction(Instance instance) {
      return policy.wantsCheckpointAtEviction(instance);
    }
  }

  private final class Verbs implements IdleEviction.Verbs {
    @Override
    public void evicting() {
      journal.evicted();
    }

    @Override
    public void end(Instance instance, EventType type, String why) {
      FunctionPool.this.end(instance, type, why);
    }

    @Override
    public Future<?> checkpoint(Instance instance) {
      return FunctionPool.this.checkpoint(instance);
    }

    @Override
    public Future<?> checkpointAndEnd(Instance instance, String why) {
      Checkpoints.Freeze freeze = freeze(instance);
      freeze.resumed().onSuccess(usable -> end(instance, EventType.EVICTION, why));
      return freeze.stored();
    }
  }

  /** Ends all instances that serve nobody; completes with how many, when snapshots are stored. */
  public Future<Integer> evict() {
    Future<Integer> evicted = eviction.evictAll();
    standby.replenishSoon();
    return evicted;
  }

  /** The instance of these that has been idle for longest; null if none is idle. */
  @Nullable Instance longestIdle(Predicate<Instance> which) {
    return instances.longestIdle(which);
  }

  /**
   * Ends an idle instance because others need what it takes. It is not frozen first, whatever its
   * policy would like: a caller waits.
   */
  void reclaim(Instance idle, String why) {
    journal.evicted();
    end(idle, EventType.EVICTION, why);
  }

  private void end(Instance instance, EventType type, String why) {
    if (!instance.markClosed()) {
      return;
    }
    Capacity.Place place = instances.remove(instance);
    policy.ended(instance);
    journal.ended(instance, type, why);
    releasing++;
    if (place != null) {
      place.leaving();
    }
    instance
        .release(parts.workers())
        .onComplete(
            done -> {
              releasing--;
              if (place != null) {
                place.free();
              }
              checkEmptied();
              standby.retryUnserved();
            });
  }

  /**
   * Takes the version out of force. Waiting requests are refused; running ones finish.
   *
   * @param endRunning whether to end running ones too
   * @return completes when its last instance is gone
   */
  public Future<Void> close(boolean endRunning) {
    closed = true;
    parts.capacity().forget(onCapacity);
    waiting.takeAll().forEach(request -> request.outcome().tryFail(gone()));
    for (Instance idle : instances.free()) {
      journal.evicted();
      end(idle, EventType.EVICTION, REPLACED);
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
        "The function '%s' was removed while the request waited.".formatted(runtime.name()));
  }
}
