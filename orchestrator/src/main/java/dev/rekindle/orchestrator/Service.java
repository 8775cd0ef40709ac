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
import dev.rekindle.orchestrator.http.HttpRoutes;
import dev.rekindle.orchestrator.http.InvocationRoutes;
import dev.rekindle.orchestrator.http.OperationsRoutes;
import dev.rekindle.orchestrator.http.RecordingRoutes;
import dev.rekindle.orchestrator.http.RequestBody;
import dev.rekindle.orchestrator.http.SnapshotRoutes;
import dev.rekindle.orchestrator.instance.Node;
import dev.rekindle.orchestrator.node.Admission;
import dev.rekindle.orchestrator.node.Capacity;
import dev.rekindle.orchestrator.node.EventLog;
import dev.rekindle.orchestrator.node.Metrics;
import dev.rekindle.orchestrator.node.Workers;
import dev.rekindle.orchestrator.policy.Policies;
import dev.rekindle.orchestrator.policy.model.SharedBudget;
import dev.rekindle.orchestrator.pool.FunctionRegistry;
import dev.rekindle.orchestrator.pool.MemoryKeeper;
import dev.rekindle.orchestrator.pool.SnapshotDiscovery;
import dev.rekindle.orchestrator.pool.StorageKeeper;
import dev.rekindle.orchestrator.snapshot.SnapshotCatalog;
import dev.rekindle.orchestrator.snapshot.SnapshotSavings;
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

  private final Vertx vertx;
  private final Node node;
  private final FunctionRegistry functions;
  private final Admission admission;
  private final HttpServer server;
  private final DataDirectory data;
  private final SharedStore shared;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Service(
      Vertx vertx,
      Node node,
      FunctionRegistry functions,
      Admission admission,
      HttpServer server,
      DataDirectory data,
      SharedStore shared) {
    this.vertx = vertx;
    this.node = node;
    this.functions = functions;
    this.admission = admission;
    this.server = server;
    this.data = data;
    this.shared = shared;
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
      Context loop = vertx.getOrCreateContext();
      Workers workers = cleanup.add(new Workers(vertx));
      MemoryKeeper memory = new MemoryKeeper(config);
      Node node =
          new Node(
              vertx,
              loop,
              workers,
              config,
              engine,
              store,
              new WorkingSets(store),
              warmers,
              new InstanceChannel(vertx),
              new HttpChannel(vertx),
              SnapshotCatalog.of(store),
              new EventLog(clock),
              new Metrics(),
              new Capacity(config.maxInstances()),
              memory,
              budget(config, clock),
              new SnapshotSavings(clock),
              clock,
              random);
      storeEvents.tell(node);
      FunctionStore functionStore =
          new FunctionStore(data.functions(), config.maxUnpackedBytes(), clock);
      List<DeployedFunction> found = functionStore.load();
      Policies policies = new Policies();
      FunctionRegistry functions = new FunctionRegistry(node, functionStore, policies);
      memory.watch(node, functions);
      new StorageKeeper(node, functions).watch();
      budgetGauges(node);
      storeGauges(node, store);
      collect(node, store);
      Admission admission = new Admission();
      gauges(node, functions, admission);
      RequestBody body = new RequestBody(config);
      HttpApi api =
          new HttpApi(
              vertx,
              node.random(),
              new FunctionRoutes(node, functions, policies, body),
              new InvocationRoutes(functions, new AsyncInvocations(clock), admission, body),
              new HttpRoutes(node, functions, admission),
              new SnapshotRoutes(node, functions),
              new RecordingRoutes(node, functions, admission, body),
              new OperationsRoutes(node, admission));
      HttpServer server =
          await(
              on(
                  loop,
                  () -> {
                    functions.load(found);
                    new SnapshotDiscovery(node)
                        .watch(functions, config.tiers().lookSeconds() * 1_000L);
                    new Trainer(node, functions, admission).watch();
                    return api.listen(vertx, config.host(), config.port());
                  }),
              END_TIMEOUT_MS);
      return new Service(vertx, node, functions, admission, server, data, shared);
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

  private static void budgetGauges(Node node) {
    SharedBudget budget = node.budget();
    BudgetConfig limits = node.config().budget();
    node.metrics().gauge("budget.checkpoints.hour", budget::checkpointsLastHour);
    node.metrics().gauge("budget.checkpoints.hour.limit", limits::checkpointsPerHour);
    node.metrics().gauge("budget.stored.bytes", budget::storedBytes);
    node.metrics().gauge("budget.stored.limit.bytes", limits::storedBytes);
    node.metrics().gauge("budget.memory.bytes", budget::memoryBytes);
    node.metrics().gauge("budget.memory.limit.bytes", limits::memoryBytes);
    node.metrics().gauge("budget.memory.price", budget::price);
    node.metrics().gauge("budget.checkpoints.refused", budget::refusals);
  }

  private static void gauges(Node node, FunctionRegistry functions, Admission admission) {
    node.metrics().gauge("instances", node.capacity()::used);
    node.metrics().gauge("invocations.running", admission::running);
    node.metrics()
        .gauge(
            "invocations.waiting",
            () -> functions.all().stream().mapToInt(r -> r.pool().waiting()).sum());
    node.metrics()
        .gauge(
            "store.bytes",
            () -> {
              try {
                return node.store().bytesStored();
              } catch (StoreException e) {
                return Double.NaN;
              }
            });
  }

  /** At times of its own, so that nodes which start together do not collect together. */
  private static void collect(Node node, TieredSnapshotStore store) {
    TierConfig tiers = node.config().tiers();
    if (tiers.collectMinutes() == 0) {
      return;
    }
    long period = tiers.collectMinutes() * 60_000L;
    long first = period / 2 + (long) (node.random().nextDouble() * period / 2);
    node.vertx()
        .setPeriodic(
            first,
            period,
            tick ->
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

  private static void storeGauges(Node node, TieredSnapshotStore store) {
    node.metrics().gauge("store.local.bytes", store::localBytes);
    node.metrics()
        .gauge("store.local.limit.bytes", () -> (long) node.config().tiers().localMb() << 20);
    node.metrics().gauge("store.fetched.bytes", store::bytesFetched);
    node.metrics().gauge("store.tasks.waiting", store::tasksWaiting);
  }

  /** The port that it listens on. */
  public int port() {
    return server.actualPort();
  }

  /** Lets running invocations finish within the limit, then ends everything. */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    long limit = node.config().shutdownTimeoutMs();
    try {
      await(on(node.loop(), admission::close), Math.max(1, limit));
    } catch (IllegalStateException e) {
      LOG.log(
          Logger.Level.WARNING,
          "event=shutdown-cut-off running={0} after_ms={1}",
          admission.running(),
          limit);
    }
    quietly(() -> await(on(node.loop(), functions::close), END_TIMEOUT_MS));
    quietly(() -> await(on(node.loop(), server::close), END_TIMEOUT_MS));
    // What still writes or deletes files comes to its end before what it works on is closed.
    quietly(() -> await(node.workers().drained(), END_TIMEOUT_MS));
    quietly(node.engine()::close);
    quietly(node.workers()::close);
    quietly(node.store()::close);
    quietly(shared::close);
    quietly(() -> await(vertx.close(), END_TIMEOUT_MS));
    data.release();
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
