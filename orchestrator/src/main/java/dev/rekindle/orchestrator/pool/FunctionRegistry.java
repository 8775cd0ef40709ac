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
import dev.rekindle.orchestrator.instance.Instance;
import dev.rekindle.orchestrator.instance.InvocationRequest;
import dev.rekindle.orchestrator.instance.Node;
import dev.rekindle.orchestrator.node.FunctionCounts;
import dev.rekindle.orchestrator.node.ServiceException;
import dev.rekindle.orchestrator.policy.ChosenPolicies;
import dev.rekindle.orchestrator.policy.FunctionPolicy;
import dev.rekindle.orchestrator.policy.Policies;
import dev.rekindle.orchestrator.policy.PolicyStates;
import dev.rekindle.orchestrator.policy.model.PolicyContext;
import dev.rekindle.warmers.Warmer;
import dev.rekindle.warmers.WarmerException;
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
import org.jspecify.annotations.Nullable;

/** The deployed functions: each with its pool, its log and its counts. On the event loop. */
public final class FunctionRegistry {
  private static final Logger LOG = System.getLogger(FunctionRegistry.class.getName());

  /** What a deployment waits at most for the shared store's answer. */
  private static final long LOOK_LIMIT_MS = 2_000;

  private final Node node;
  private final SnapshotDiscovery discovery;
  private final FunctionStore store;
  private final Policies policies;
  private final PrivateRuns privateRuns;
  private final PolicyStates states;
  private final Map<String, Registered> functions = new TreeMap<>();
  private final Set<String> changing = new HashSet<>();

  /**
   * A function in service.
   *
   * @param pool the instances of the version in force
   * @param policy decides for them
   * @param log what it printed
   * @param counts what it has done
   */
  public record Registered(
      FunctionPool pool, FunctionPolicy policy, FunctionLog log, FunctionCounts counts) {
    public DeployedFunction function() {
      return pool.function();
    }
  }

  public FunctionRegistry(Node node, FunctionStore store, Policies policies) {
    this.node = node;
    this.discovery = new SnapshotDiscovery(node);
    this.store = store;
    this.policies = policies;
    this.privateRuns =
        new PrivateRuns(
            node, () -> functions.values().stream().anyMatch(f -> f.pool().waiting() > 0));
    this.states = new PolicyStates(node, store);
    node.capacity().onShortage(this::reclaim);
    node.capacity()
        .onFull(() -> privateRuns.giveWay(PrivateRun.Purpose.TRAINING, "the last place was taken"));
  }

  /** Takes in what is on disk, and removes snapshots that belong to nothing. Blocks. */
  public void load(List<DeployedFunction> found) {
    found.forEach(this::load);
    Map<String, DeployedFunction> deployed = new TreeMap<>();
    functions.forEach((name, registered) -> deployed.put(name, registered.function()));
    node.snapshots().orphans(deployed).forEach(node::forgetSnapshot);
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
    FunctionPolicy decides = new FunctionPolicy(node, function, chosen);
    states.read(function).ifPresent(decides::restore);
    put(decides, null);
  }

  private ChosenPolicies make(String function, PolicyChoice choice) {
    return ChosenPolicies.make(
        policies,
        choice,
        new PolicyContext(function, node.clock(), node.random(), node.budget().view(function)));
  }

  private void put(FunctionPolicy policy, @Nullable Registered previous) {
    FunctionLog log = previous == null ? new FunctionLog(node.config().logBytes()) : previous.log();
    FunctionCounts counts = previous == null ? new FunctionCounts() : previous.counts();
    DeployedFunction function = policy.function();
    FunctionPool pool = new FunctionPool(node, function, policy, log, counts);
    functions.put(function.name(), new Registered(pool, policy, log, counts));
    states.keep(policy);
  }

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

  /** Whether a function is reached by HTTP requests rather than by events. */
  public boolean servesHttp(DeployedFunction function) {
    return node.servesHttp(function);
  }

  /** The instances that serve no caller. */
  public PrivateRuns privateRuns() {
    return privateRuns;
  }

  public boolean contains(String name) {
    return functions.containsKey(name);
  }

  /** Deploys a new version; invocations after this see no other. */
  public Future<FunctionDescription> deploy(String name, FunctionSettings settings, byte[] zip) {
    ChosenPolicies chosen = make(name, settings.policy());
    Warmer warmer =
        node.warmers()
            .find(settings.runtime())
            .orElseThrow(
                () ->
                    new ServiceException(
                        ProblemCode.UNKNOWN_RUNTIME,
                        "There is no runtime '%s'; there is %s."
                            .formatted(
                                settings.runtime(), String.join(", ", node.warmers().runtimes()))));
    try {
      warmer.validateHandler(settings.handler());
    } catch (WarmerException e) {
      throw new InvalidFieldException(
          "handler", String.valueOf(e.getMessage()), "Correct the handler.");
    }
    HttpSettings.check(settings, warmer.port().isPresent());
    if (zip.length > node.config().maxCodeBytes()) {
      throw new ServiceException(
          ProblemCode.CODE_TOO_LARGE,
          "The zip has %d bytes; the limit is %d."
              .formatted(zip.length, node.config().maxCodeBytes()));
    }
    lock(name);
    Registered previous = functions.get(name);
    DeployedFunction old = previous == null ? null : previous.function();
    return node.workers()
        .file(
            () -> {
              warmer.check();
              return store.deploy(name, settings, zip, old);
            })
        .onComplete(done -> changing.remove(name))
        .map(
            deployed -> {
              FunctionPolicy decides = new FunctionPolicy(node, deployed, chosen);
              if (previous != null) {
                decides.follow(previous.policy());
              }
              put(decides, previous);
              node.events()
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
    long timer = node.vertx().setTimer(LOOK_LIMIT_MS, tick -> known.tryComplete(deployed));
    discovery
        .look(deployed)
        .onComplete(
            looked -> {
              node.vertx().cancelTimer(timer);
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
                privateRuns.end(old, PrivateRun.Why.OBSOLETE, "the function was updated"))
            .compose(
                emptied ->
                    node.workers()
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
        privateRuns.end(registered.function(), PrivateRun.Why.OBSOLETE, "the function was removed");
    return Future.join(snapshots, registered.pool().close(true), runs)
        .eventually(() -> states.forget(name))
        .compose(
            emptied ->
                node.workers()
                    .<Void>file(
                        () -> {
                          store.delete(name);
                          return null;
                        }))
        .onComplete(done -> changing.remove(name))
        .onSuccess(
            done -> {
              node.metrics().forget(name);
              node.events().add(EventType.DELETE, name, null, null, "function removed", null);
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
                registered.function().settings().withPolicy(choice), node.clock().instant());
    return node.workers()
        .file(
            () -> {
              store.update(changed);
              return choice;
            })
        .onComplete(done -> changing.remove(name))
        .onSuccess(
            done -> {
              privateRuns.endTraining(changed, "the policy was changed");
              registered.pool().policy(changed, chosen);
              var unused = states.save(name);
            });
  }

  /** Completes when it is done, also where one cannot be removed: an event tells that. */
  private Future<Void> deleteSnapshots(DeployedFunction function) {
    List<Future<Void>> deletions =
        node.snapshots().ownedBy(function).stream().map(node::deleteSnapshot).toList();
    return Future.join(deletions).<Void>mapEmpty().otherwiseEmpty();
  }

  /**
   * Ends a training, else the instance that has been idle for longest, else a recording: somebody
   * asked for that one.
   */
  private void reclaim() {
    String need = "a caller needs its place";
    if (!privateRuns.giveWay(PrivateRun.Purpose.TRAINING, need)
        && !endLongestIdle(instance -> true, "its place is needed")) {
      privateRuns.giveWay(PrivateRun.Purpose.RECORDING, need);
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
    Set<String> ids = privateRuns.snapshots();
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
        node.snapshots().list(f.name()).stream().map(SnapshotDescription::id).toList(),
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
    ends.add(privateRuns.endAll());
    return Future.join(ends).mapEmpty();
  }
}
