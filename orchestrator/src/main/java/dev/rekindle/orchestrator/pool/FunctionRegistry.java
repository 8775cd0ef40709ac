package dev.rekindle.orchestrator.pool;

import dev.rekindle.api.EventType;
import dev.rekindle.api.FunctionDescription;
import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.FunctionState;
import dev.rekindle.api.InvalidFieldException;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.api.ShadowChoice;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.function.FunctionLog;
import dev.rekindle.orchestrator.function.FunctionStore;
import dev.rekindle.orchestrator.function.HttpSettings;
import dev.rekindle.orchestrator.instance.FunctionJournal;
import dev.rekindle.orchestrator.instance.FunctionRuntime;
import dev.rekindle.orchestrator.instance.Instance;
import dev.rekindle.orchestrator.instance.InvocationRequest;
import dev.rekindle.orchestrator.node.Capacity;
import dev.rekindle.orchestrator.node.EventLog;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.orchestrator.node.FunctionCounts;
import dev.rekindle.orchestrator.node.Metrics;
import dev.rekindle.orchestrator.node.ServiceException;
import dev.rekindle.orchestrator.node.Workers;
import dev.rekindle.orchestrator.policy.ChosenPolicies;
import dev.rekindle.orchestrator.policy.FunctionPolicy;
import dev.rekindle.orchestrator.policy.Policies;
import dev.rekindle.orchestrator.policy.PolicyStates;
import dev.rekindle.orchestrator.policy.model.PolicyContext;
import dev.rekindle.orchestrator.snapshot.Snapshots;
import dev.rekindle.warmers.Warmer;
import dev.rekindle.warmers.WarmerException;
import dev.rekindle.warmers.Warmers;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The deployed functions: each with its pool, its log and its counts. On the event loop. */
public final class FunctionRegistry {
  private static final Logger LOG = System.getLogger(FunctionRegistry.class.getName());

  /** What a deployment waits at most for the shared store's answer. */
  private static final long LOOK_LIMIT_MS = 2_000;

  private final Parts parts;
  private final PoolFactory pools;
  private final SnapshotDiscovery discovery;
  private final FunctionStore store;
  private final Policies policies;
  private final BackgroundRuns backgroundRuns;
  private final PolicyStates states;
  private final Map<String, Registered> functions = new TreeMap<>();
  private final Set<String> changing = new HashSet<>();

  /**
   * What the registry itself uses of the node.
   *
   * @param loop the service's event loop
   * @param workers may block
   * @param events what happened
   * @param metrics counters and timers
   * @param snapshots the node's snapshots
   * @param warmers the runtimes of this host
   * @param policy what the policies of all functions share
   * @param random what policies draw from
   * @param maxCodeBytes the largest zip
   */
  public record Parts(
      EventLoop loop,
      Workers workers,
      EventLog events,
      Metrics metrics,
      Snapshots snapshots,
      Warmers warmers,
      FunctionPolicy.Parts policy,
      RandomGenerator random,
      long maxCodeBytes) {}

  /**
   * A function in service.
   *
   * @param pool the instances of the version in force
   * @param journal what it has done; outlives its versions
   */
  public record Registered(FunctionPool pool, FunctionJournal journal) {
    /** The version in force. */
    public DeployedFunction function() {
      return pool.function();
    }

    /** Its policies. */
    public FunctionPolicy policy() {
      return pool.policy();
    }

    /** Its runtime. */
    public FunctionRuntime runtime() {
      return pool.runtime();
    }

    /** What it printed. */
    public FunctionLog log() {
      return runtime().log();
    }

    /** What it has done since the service started. */
    public FunctionCounts counts() {
      return journal.counts();
    }
  }

  /** No functions yet. */
  public FunctionRegistry(
      Parts parts,
      PoolFactory pools,
      SnapshotDiscovery discovery,
      FunctionStore store,
      Policies policies) {
    this.parts = parts;
    this.pools = pools;
    this.discovery = discovery;
    this.store = store;
    this.policies = policies;
    Capacity capacity = pools.shared().capacity();
    this.backgroundRuns =
        new BackgroundRuns(
            parts.loop(),
            parts.workers(),
            capacity,
            pools.shared().memory(),
            () -> functions.values().stream().anyMatch(f -> f.pool().waiting() > 0));
    this.states = new PolicyStates(parts.loop(), parts.workers(), parts.events(), store);
    capacity.onShortage(this::reclaim);
    capacity.onFull(
        () -> backgroundRuns.giveWay(BackgroundRun.Purpose.TRAINING, "the last place was taken"));
  }

  /** Takes in what is on disk, and removes snapshots that belong to nothing. Blocks. */
  public void load(List<DeployedFunction> found) {
    found.forEach(this::load);
    Map<String, DeployedFunction> deployed = new TreeMap<>();
    functions.forEach((name, registered) -> deployed.put(name, registered.function()));
    parts.snapshots().catalog().orphans(deployed).forEach(parts.snapshots()::forget);
  }

  /** A policy that this build does not have (any more) is no reason not to serve. */
  private void load(DeployedFunction function) {
    PolicyChoice choice = function.settings().policy();
    try {
      begin(function, make(function.name(), choice));
    } catch (InvalidFieldException e) {
      boolean shadowOnly = e.field().startsWith(ShadowChoice.FIELD);
      PolicyChoice instead = shadowOnly ? choice.withShadow(null) : PolicyChoice.DEFAULT;
      LOG.log(
          Logger.Level.WARNING,
          "event=policy-replaced function={0} by={1} shadow=none reason=\"{2}\"",
          function.name(),
          instead.name(),
          e.getMessage());
      load(function.withSettings(function.settings().withPolicy(instead), function.updatedAt()));
    }
  }

  private void begin(DeployedFunction function, ChosenPolicies chosen) {
    FunctionPolicy decides = new FunctionPolicy(parts.policy(), function, chosen);
    states.read(function).ifPresent(decides::restore);
    put(decides, null);
  }

  private ChosenPolicies make(String function, PolicyChoice choice) {
    return ChosenPolicies.make(
        policies,
        choice,
        new PolicyContext(
            function,
            parts.policy().clock(),
            parts.random(),
            parts.policy().budget().view(function)));
  }

  private void put(FunctionPolicy policy, @Nullable Registered previous) {
    FunctionLog log = previous == null ? pools.log() : previous.log();
    String name = policy.function().name();
    FunctionJournal journal = previous == null ? pools.journal(name) : previous.journal();
    functions.put(name, new Registered(pools.pool(policy, log, journal), journal));
    states.keep(policy);
  }

  /** All functions. */
  public Collection<Registered> all() {
    return List.copyOf(functions.values());
  }

  /** The names of all functions. */
  public Set<String> names() {
    return Set.copyOf(functions.keySet());
  }

  /** A function by name, or an unknown-function problem. */
  public Registered get(String name) {
    Registered registered = functions.get(name);
    if (registered == null) {
      throw new ServiceException(
          ProblemCode.UNKNOWN_FUNCTION, "There is no function '%s'.".formatted(name));
    }
    return registered;
  }

  /** The instances that serve no caller. */
  public BackgroundRuns backgroundRuns() {
    return backgroundRuns;
  }

  /** Whether a function of this name is deployed. */
  public boolean contains(String name) {
    return functions.containsKey(name);
  }

  /** Deploys a new version; invocations after this see no other. */
  public Future<FunctionDescription> deploy(String name, FunctionSettings settings, byte[] zip) {
    ChosenPolicies chosen = make(name, settings.policy());
    Warmer warmer =
        parts
            .warmers()
            .find(settings.runtime())
            .orElseThrow(
                () ->
                    new ServiceException(
                        ProblemCode.UNKNOWN_RUNTIME,
                        "There is no runtime '%s'; there is %s."
                            .formatted(
                                settings.runtime(),
                                String.join(", ", parts.warmers().runtimes()))));
    try {
      warmer.validateHandler(settings.handler());
    } catch (WarmerException e) {
      throw new InvalidFieldException(
          "handler", String.valueOf(e.getMessage()), "Correct the handler.");
    }
    HttpSettings.check(settings, warmer.port().isPresent());
    if (zip.length > parts.maxCodeBytes()) {
      throw new ServiceException(
          ProblemCode.CODE_TOO_LARGE,
          "The zip has %d bytes; the limit is %d.".formatted(zip.length, parts.maxCodeBytes()));
    }
    lock(name);
    Registered previous = functions.get(name);
    DeployedFunction old = previous == null ? null : previous.function();
    return parts
        .workers()
        .file(
            () -> {
              warmer.check();
              return store.deploy(name, settings, zip, old);
            })
        .onComplete(done -> changing.remove(name))
        .map(
            deployed -> {
              FunctionPolicy decides = new FunctionPolicy(parts.policy(), deployed, chosen);
              if (previous != null) {
                decides.follow(previous.policy());
              }
              put(decides, previous);
              parts
                  .events()
                  .add(EventType.DEPLOY, name, null, null, "version " + deployed.version(), null);
              if (previous != null) {
                replace(previous);
              }
              return deployed;
            })
        .compose(this::lookFor)
        .map(deployed -> describe(get(name)))
        .recover(FunctionRegistry::missingRuntime);
  }

  /** Other nodes may have snapshots of it; the answer does not wait long for news of them. */
  private Future<DeployedFunction> lookFor(DeployedFunction deployed) {
    Promise<DeployedFunction> known = Promise.promise();
    EventLoop.Timer timer = parts.loop().after(LOOK_LIMIT_MS, () -> known.tryComplete(deployed));
    discovery
        .look(get(deployed.name()).runtime())
        .onComplete(
            looked -> {
              timer.cancel();
              known.tryComplete(deployed);
            });
    return known.future();
  }

  private static <T> Future<T> missingRuntime(Throwable e) {
    return Future.failedFuture(
        e instanceof WarmerException
            ? new ServiceException(
                ProblemCode.UNKNOWN_RUNTIME, String.valueOf(e.getMessage()), "Install it.")
            : e);
  }

  private void lock(String name) {
    if (!changing.add(name)) {
      throw new ServiceException(
          ProblemCode.CONFLICT, "'%s' is being deployed or removed right now.".formatted(name));
    }
  }

  /** Moves the waiting requests over and lets the old version go. */
  private void replace(Registered previous) {
    DeployedFunction old = previous.function();
    FunctionPool next = get(old.name()).pool();
    for (InvocationRequest request : previous.pool().takeWaiting()) {
      next.invoke(request).onFailure(request.outcome()::tryFail);
    }
    if (!old.identity().equals(next.function().identity())) {
      deleteSnapshots(old);
    }
    var unused =
        Future.join(
                previous.pool().close(false),
                backgroundRuns.end(old, BackgroundRun.Why.OBSOLETE, "the function was updated"))
            .compose(
                emptied ->
                    parts
                        .workers()
                        .<Void>file(
                            () -> {
                              store.discard(old);
                              return null;
                            }));
  }

  /** Removes a function with its instances, snapshots and code. */
  public Future<Void> delete(String name) {
    Registered registered = get(name);
    lock(name);
    functions.remove(name);
    Future<Void> snapshots = deleteSnapshots(registered.function());
    Future<Void> runs =
        backgroundRuns.end(
            registered.function(), BackgroundRun.Why.OBSOLETE, "the function was removed");
    return Future.join(snapshots, registered.pool().close(true), runs)
        .eventually(() -> states.forget(name))
        .compose(
            emptied ->
                parts
                    .workers()
                    .<Void>file(
                        () -> {
                          store.delete(name);
                          return null;
                        }))
        .onComplete(done -> changing.remove(name))
        .onSuccess(
            done -> {
              parts.metrics().forget(name);
              parts.events().add(EventType.DELETE, name, null, null, "function removed", null);
            });
  }

  /** Puts another policy in force; the version, its instances and snapshots stay. */
  public Future<PolicyChoice> choosePolicy(String name, PolicyChoice choice) {
    Registered registered = get(name);
    ChosenPolicies chosen = make(name, choice);
    lock(name);
    DeployedFunction changed =
        registered
            .function()
            .withSettings(
                registered.function().settings().withPolicy(choice),
                parts.policy().clock().instant());
    return parts
        .workers()
        .file(
            () -> {
              store.update(changed);
              return choice;
            })
        .onComplete(done -> changing.remove(name))
        .onSuccess(
            done -> {
              backgroundRuns.endTraining(changed, "the policy was changed");
              registered.pool().policy(changed, chosen);
              var unused = states.save(name);
            });
  }

  /** Completes when it is done, also where one cannot be removed: an event tells that. */
  private Future<Void> deleteSnapshots(DeployedFunction function) {
    List<Future<Void>> deletions =
        parts.snapshots().catalog().ownedBy(function).stream()
            .map(parts.snapshots()::delete)
            .toList();
    return Future.join(deletions).<Void>mapEmpty().otherwiseEmpty();
  }

  /**
   * Ends a training, else the instance that has been idle for longest, else a recording: somebody
   * asked for that one.
   */
  private void reclaim() {
    String need = "a caller needs its place";
    if (!backgroundRuns.giveWay(BackgroundRun.Purpose.TRAINING, need)
        && !endLongestIdle(instance -> true, "its place is needed")) {
      backgroundRuns.giveWay(BackgroundRun.Purpose.RECORDING, need);
    }
  }

  /**
   * Ends the instance that has been idle for longest, over all functions.
   *
   * @param which those that may be ended
   * @param why what its event says
   * @return whether there was one
   */
  boolean endLongestIdle(Predicate<Instance> which, String why) {
    FunctionPool pool = null;
    Instance longest = null;
    for (Registered registered : functions.values()) {
      Instance idle = registered.pool().longestIdle(which);
      if (idle != null && (longest == null || idle.freeSinceNanos() < longest.freeSinceNanos())) {
        pool = registered.pool();
        longest = idle;
      }
    }
    if (pool != null && longest != null) {
      pool.reclaim(longest, why);
    }
    return longest != null;
  }

  /** The snapshots that instances run from. */
  Set<String> snapshotsInUse() {
    Set<String> ids = backgroundRuns.snapshots();
    for (Registered registered : functions.values()) {
      for (Instance instance : registered.pool().instances()) {
        Instance.Origin origin = instance.origin();
        if (origin != null) {
          ids.add(origin.id());
        }
      }
    }
    return ids;
  }

  /** What the deployed versions can be started from. */
  Set<String> identities() {
    Set<String> identities = new HashSet<>();
    functions.values().forEach(registered -> identities.add(registered.function().identity()));
    return identities;
  }

  /** What the API tells of a function. */
  public FunctionDescription describe(Registered registered) {
    DeployedFunction f = registered.function();
    return new FunctionDescription(
        f.name(),
        f.version(),
        f.settings().runtime(),
        f.settings().handler(),
        f.settings(),
        FunctionState.ACTIVE,
        parts.snapshots().catalog().list(f.name()).stream().map(SnapshotDescription::id).toList(),
        registered.pool().instanceCounts(),
        registered.counts().starts(),
        registered.counts().failures(),
        registered.pool().checkpointFailure(),
        f.createdAt(),
        f.updatedAt(),
        f.codeBytes(),
        f.codeSha256());
  }

  /** Ends everything; running invocations have finished or are cut off. */
  public Future<Void> close() {
    List<Future<Void>> ends = new ArrayList<>();
    ends.add(states.saveAll()); // before the lives that this cuts short count
    functions.values().forEach(registered -> ends.add(registered.pool().close(true)));
    ends.add(backgroundRuns.endAll());
    return Future.join(ends).mapEmpty();
  }
}
