package dev.rekindle.orchestrator;

import dev.rekindle.engine.EngineConfig;
import dev.rekindle.engine.SnapshotEngine;
import dev.rekindle.orchestrator.config.BudgetConfig;
import dev.rekindle.orchestrator.config.ServiceConfig;
import dev.rekindle.orchestrator.config.TierConfig;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.function.FunctionStore;
import dev.rekindle.orchestrator.http.AsyncInvocations;
import dev.rekindle.orchestrator.http.FunctionRoutes;
import dev.rekindle.orchestrator.http.HttpApi;
import dev.rekindle.orchestrator.http.InvocationRoutes;
import dev.rekindle.orchestrator.http.OperationsRoutes;
import dev.rekindle.orchestrator.http.ProxyRoutes;
import dev.rekindle.orchestrator.http.RecordingRoutes;
import dev.rekindle.orchestrator.http.RequestBody;
import dev.rekindle.orchestrator.http.SnapshotRoutes;
import dev.rekindle.orchestrator.instance.CheckpointRun;
import dev.rekindle.orchestrator.instance.ColdStart;
import dev.rekindle.orchestrator.instance.FunctionRuntimes;
import dev.rekindle.orchestrator.instance.HotStart;
import dev.rekindle.orchestrator.node.Admission;
import dev.rekindle.orchestrator.node.Capacity;
import dev.rekindle.orchestrator.node.EventLog;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.orchestrator.node.MemoryPressure;
import dev.rekindle.orchestrator.node.Metrics;
import dev.rekindle.orchestrator.node.VertxLoop;
import dev.rekindle.orchestrator.node.Workers;
import dev.rekindle.orchestrator.policy.FunctionPolicy;
import dev.rekindle.orchestrator.policy.Policies;
import dev.rekindle.orchestrator.policy.model.SharedBudget;
import dev.rekindle.orchestrator.pool.FunctionPool;
import dev.rekindle.orchestrator.pool.FunctionRegistry;
import dev.rekindle.orchestrator.pool.MemoryEviction;
import dev.rekindle.orchestrator.pool.PoolFactory;
import dev.rekindle.orchestrator.pool.SnapshotDiscovery;
import dev.rekindle.orchestrator.pool.SnapshotEviction;
import dev.rekindle.orchestrator.snapshot.SnapshotCatalog;
import dev.rekindle.orchestrator.snapshot.SnapshotSavings;
import dev.rekindle.orchestrator.snapshot.Snapshots;
import dev.rekindle.orchestrator.snapshot.StoreEvents;
import dev.rekindle.orchestrator.snapshot.WorkingSets;
import dev.rekindle.orchestrator.training.Trainer;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.blob.BlobException;
import dev.rekindle.store.tier.TieredSnapshotStore;
import dev.rekindle.warmers.RuntimePaths;
import dev.rekindle.warmers.Warmers;
import dev.rekindle.warmers.channel.HttpChannel;
import dev.rekindle.warmers.channel.InstanceChannel;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** The running service: a list of its parts, and the order in which they start and end. */
public final class Service implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Service.class.getName());

  /** What ending instances may take after running invocations are done or cut off. */
  private static final long END_TIMEOUT_MS = 15_000;

  private final Running running;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** What is ended when the service ends, in no particular order. */
  private record Running(
      Vertx vertx,
      VertxLoop loop,
      Workers workers,
      SnapshotEngine engine,
      TieredSnapshotStore store,
      FunctionRegistry functions,
      Admission admission,
      HttpServer server,
      DataDirectory data,
      SharedStore shared,
      long shutdownTimeoutMs) {}

  private Service(Running running) {
    this.running = running;
  }

  /**
   * Starts all parts and listens.
   *
   * @throws StartupException if it cannot; the message says why, and nothing is left running
   */
  public static Service start(ServiceConfig config, Path criu) {
    Cleanup cleanup = new Cleanup();
    try {
      DataDirectory data = DataDirectory.claim(config.dataDir());
      cleanup.add(data::release);
      InstantSource clock = InstantSource.system();
      SecureRandom random = new SecureRandom();
      SharedStore shared = cleanup.add(SharedStore.open(config, data.blobs()));
      StoreEvents storeEvents = new StoreEvents();
      TieredSnapshotStore store =
          cleanup.add(
              TieredSnapshotStore.open(
                  data.snapshots(),
                  shared.blobs(),
                  config.tiers().settings(shared.upload()),
                  storeEvents,
                  clock,
                  System::nanoTime,
                  random));
      SnapshotEngine engine =
          cleanup.add(
              SnapshotEngine.open(EngineConfig.of(criu, data.engineState(), data.engineWork())));
      Warmers warmers = Warmers.standard(RuntimePaths.sandbox(System.getenv()), data.bootstraps());
      Vertx vertx =
          Vertx.vertx(
              new VertxOptions()
                  .setEventLoopPoolSize(2)
                  .setFileSystemOptions(
                      new FileSystemOptions()
                          .setFileCachingEnabled(false)
                          .setClassPathResolvingEnabled(false)));
      cleanup.add(() -> await(vertx.close(), END_TIMEOUT_MS));
      VertxLoop loop = new VertxLoop(vertx, vertx.getOrCreateContext(), clock);
      Workers workers = cleanup.add(new Workers(vertx));
      EventLog events = new EventLog(clock);
      Metrics metrics = new Metrics();
      SharedBudget budget = budget(config, clock);
      SnapshotCatalog catalog = SnapshotCatalog.of(store);
      Snapshots snapshots =
          new Snapshots(catalog, store, engine, new SnapshotSavings(clock), workers, events);
      storeEvents.connect(loop, events, catalog);
      HttpChannel http = new HttpChannel(vertx);
      MemoryPressure pressure = new MemoryPressure();
      Capacity capacity = new Capacity(config.maxInstances());
      PoolFactory pools =
          new PoolFactory(
              new FunctionPool.Parts(
                  loop, workers, capacity, pressure, catalog, config.queueLimit()),
              new ColdStart.Parts(engine, workers, loop, Duration.ofMillis(config.bootTimeoutMs())),
              new HotStart.Parts(engine, store, new WorkingSets(store), catalog, workers, loop),
              new CheckpointRun.Parts(engine, store, workers, loop),
              snapshots,
              new FunctionRuntimes(
                  warmers,
                  new InstanceChannel(vertx),
                  http,
                  loop,
                  random,
                  config.region(),
                  config.accountId()),
              random,
              events,
              metrics,
              config.queueTimeoutMs(),
              config.logBytes());
      FunctionStore functionStore =
          new FunctionStore(data.functions(), config.maxUnpackedBytes(), clock);
      List<DeployedFunction> found = functionStore.load();
      Policies policies = new Policies();
      SnapshotDiscovery discovery = new SnapshotDiscovery(snapshots, loop);
      FunctionRegistry functions =
          new FunctionRegistry(
              new FunctionRegistry.Parts(
                  loop,
                  workers,
                  events,
                  metrics,
                  snapshots,
                  warmers,
                  new FunctionPolicy.Parts(catalog, budget, events, clock),
                  random,
                  config.maxCodeBytes()),
              pools,
              discovery,
              functionStore,
              policies);
      new MemoryEviction(new MemoryEviction.Parts(loop, workers, metrics, budget, pressure), config)
          .watch(functions);
      new SnapshotEviction(
              loop, snapshots, budget, metrics, config.budget().storedBytes(), functions)
          .watch();
      Admission admission = new Admission();
      ServiceGauges gauges = new ServiceGauges(metrics);
      gauges.budget(budget, config.budget());
      gauges.store(store, config.tiers());
      gauges.requests(capacity, admission, functions);
      collect(config.tiers(), loop, random, store);
      RequestBody body = new RequestBody(config);
      HttpApi api =
          new HttpApi(
              vertx,
              random,
              new FunctionRoutes(workers, functions, policies, body),
              new InvocationRoutes(loop, functions, new AsyncInvocations(clock), admission, body),
              new ProxyRoutes(loop, http, config.maxHttpBodyBytes(), functions, admission),
              new SnapshotRoutes(snapshots, functions),
              new RecordingRoutes(functions, admission, body),
              new OperationsRoutes(workers, warmers, events, metrics, admission));
      HttpServer server =
          await(
              on(
                  loop.context(),
                  () -> {
                    functions.load(found);
                    discovery.watch(functions, config.tiers().lookSeconds() * 1_000L);
                    new Trainer(loop, events, functions, admission).watch();
                    return api.listen(vertx, config.host(), config.port());
                  }),
              END_TIMEOUT_MS);
      return new Service(
          new Running(
              vertx,
              loop,
              workers,
              engine,
              store,
              functions,
              admission,
              server,
              data,
              shared,
              config.shutdownTimeoutMs()));
    } catch (StoreException | BlobException | IOException | RuntimeException e) {
      cleanup.close();
      throw StartupException.of(config, e);
    }
  }

  private static SharedBudget budget(ServiceConfig config, InstantSource clock) {
    BudgetConfig limits = config.budget();
    return new SharedBudget(
        clock, limits.checkpointsPerHour(), limits.storedBytes(), limits.memoryBytes());
  }

  /** At times of its own, so that nodes which start together do not collect together. */
  private static void collect(
      TierConfig tiers, EventLoop loop, SecureRandom random, TieredSnapshotStore store) {
    if (tiers.collectMinutes() == 0) {
      return;
    }
    long period = tiers.collectMinutes() * 60_000L;
    long first = period / 2 + (long) (random.nextDouble() * period / 2);
    loop.every(
        first,
        period,
        () ->
            store.collect(
                tiers.retention(),
                report ->
                    LOG.log(
                        Logger.Level.INFO,
                        "event=store-collected removed={0} freed_bytes={1} condemned_bytes={2} kept_bytes={3}",
                        report.expired().size(),
                        report.freedBytes(),
                        report.condemnedBytes(),
                        report.keptBytes())));
  }

  /** The port that it listens on. */
  public int port() {
    return running.server().actualPort();
  }

  /** Lets running invocations finish within the limit, then ends everything. */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    Context loop = running.loop().context();
    Admission admission = running.admission();
    long limit = running.shutdownTimeoutMs();
    try {
      await(on(loop, admission::close), Math.max(1, limit));
    } catch (IllegalStateException e) {
      LOG.log(
          Logger.Level.WARNING,
          "event=shutdown-cut-off running={0} after_ms={1}",
          admission.running(),
          limit);
    }
    quietly(() -> await(on(loop, running.functions()::close), END_TIMEOUT_MS));
    quietly(() -> await(on(loop, running.server()::close), END_TIMEOUT_MS));
    // What still writes or deletes files comes to its end before what it works on is closed.
    quietly(() -> await(running.workers().drained(), END_TIMEOUT_MS));
    quietly(running.engine()::close);
    quietly(running.workers()::close);
    quietly(running.store()::close);
    quietly(running.shared()::close);
    quietly(() -> await(running.vertx().close(), END_TIMEOUT_MS));
    running.data().release();
  }

  private static void quietly(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      LOG.log(Logger.Level.WARNING, "event=shutdown-step-failed error={0}", e.toString());
    }
  }

  private static <T> Future<T> on(Context loop, Supplier<Future<T>> work) {
    io.vertx.core.Promise<T> promise = io.vertx.core.Promise.promise();
    loop.runOnContext(
        unused -> Future.succeededFuture().compose(u -> work.get()).onComplete(promise));
    return promise.future();
  }

  private static <T> T await(Future<T> future, long timeoutMs) {
    CompletableFuture<T> done = future.toCompletionStage().toCompletableFuture();
    try {
      return done.get(timeoutMs, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException known) {
        throw known;
      }
      throw new IllegalStateException(String.valueOf(e.getCause()), e);
    } catch (TimeoutException e) {
      throw new IllegalStateException("not done within " + timeoutMs + " ms", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Ends what was started, in reverse, if the start does not come to its end. */
  private static final class Cleanup {
    private final java.util.ArrayDeque<AutoCloseable> started = new java.util.ArrayDeque<>();

    <T extends AutoCloseable> T add(T part) {
      started.push(part);
      return part;
    }

    void close() {
      for (AutoCloseable part : started) {
        try {
          part.close();
        } catch (Exception e) {
          LOG.log(Logger.Level.WARNING, "event=cleanup-failed error={0}", e.toString());
        }
      }
    }
  }
}
