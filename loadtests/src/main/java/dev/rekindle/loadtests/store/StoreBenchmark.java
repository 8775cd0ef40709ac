package dev.rekindle.loadtests.store;

import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.HttpHooks;
import dev.rekindle.api.Phase;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.RestoreMode;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.Warmup;
import dev.rekindle.api.client.InvocationReply;
import dev.rekindle.loadtests.run.BenchmarkException;
import dev.rekindle.loadtests.run.Cleanup;
import dev.rekindle.loadtests.run.Environment;
import dev.rekindle.loadtests.run.Percentiles;
import dev.rekindle.loadtests.run.Programs;
import dev.rekindle.loadtests.run.SampleFunction;
import dev.rekindle.loadtests.run.ServiceFunction;
import dev.rekindle.loadtests.run.VariedFunction;
import dev.rekindle.loadtests.run.Waiting;
import dev.rekindle.s3server.S3Server;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * Measures nodes that share snapshots through a real S3 server. One node makes the snapshots; for
 * each measurement of a restore another one starts, with an empty data directory.
 */
final class StoreBenchmark {
  private static final String DOWNLOAD = "download-all";
  private static final String LAZY = "lazy-from-afar";
  private static final double NANOS_PER_MS = 1e6;
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final PolicyChoice NEVER_RESTORE = new PolicyChoice("cold", Map.of());

  /** Heap of the function whose successive snapshots are stored: its size changes no ratio much. */
  private static final int SUCCESSIVE_HEAP_MB = 50;

  /**
   * Random bytes in each page of the heap's arrays: half, so that it compresses about two to one,
   * as heaps do. Without, it would pass over any link at once.
   */
  private static final int RANDOM_BYTES = 2_048;

  /** What happens between two successive snapshots. */
  private static final int EVENTS_BETWEEN = 10;

  private final StoreSettings settings;
  private final Cleanup cleanup;
  private final InstantSource clock;

  StoreBenchmark(StoreSettings settings, Cleanup cleanup, InstantSource clock) {
    this.settings = settings;
    this.cleanup = cleanup;
    this.clock = clock;
  }

  /**
   * Runs it.
   *
   * @throws BenchmarkException if it cannot be finished
   */
  StoreReport run() throws IOException {
    Path criu = Programs.criu();
    Environment environment =
        Environment.read(
            settings.function(), settings.runs(), settings.heapMb(), criu, clock.instant());
    Path directory =
        cleanup.directory(Path.of(System.getProperty("java.io.tmpdir")), "rekindle-bench");
    S3Server server = S3Server.start(directory, "bench-key", "bench-secret");
    cleanup.add(server::close);

    StoreReport.Stored functions = functions(server);
    StoreReport.Stored snapshots = snapshots(server);
    StoreReport.Upload upload = upload(server);
    Map<String, List<Arrival>> measured = arrivals(server);
    List<StoreReport.Row> rows = new ArrayList<>();
    measured.forEach((mode, all) -> rows.add(row(mode, all)));
    double download = median(measured, DOWNLOAD, Arrival::firstResponseMs);
    double lazy = median(measured, LAZY, Arrival::firstResponseMs);
    return new StoreReport(
        environment,
        settings.latencyMs(),
        settings.bandwidthMb(),
        upload,
        rows,
        lazy / download,
        median(measured, LAZY, Arrival::mbBefore) / upload.imageMb(),
        functions,
        snapshots);
  }

  // ---- what is stored

  private StoreReport.Stored functions(S3Server server) throws IOException {
    String prefix = "functions/";
    List<Double> stored = new ArrayList<>(List.of(0.0));
    double images = 0;
    try (StoreNode node = StoreNode.start(settings, server, prefix, cleanup)) {
      for (int i = 0; i < settings.functions(); i++) {
        String name = "varied-" + i;
        node.client().deploy(name, variedSettings(), VariedFunction.zip(i));
        invoke(node, name, i);
        SnapshotDescription snapshot = node.client().checkpoint(name);
        node.events().await("upload", snapshot.id(), PATIENCE);
        images += snapshot.bytes() / ServiceFunction.MB;
        stored.add(StoredBytes.mb(server, prefix));
        node.client().evict(name);
      }
    }
    return stored(images, stored);
  }

  private static FunctionSettings variedSettings() {
    return new FunctionSettings(
        SampleFunction.PYTHON3.runtime(),
        VariedFunction.HANDLER,
        FunctionSettings.DEFAULT_MEMORY_MB,
        FunctionSettings.DEFAULT_TIMEOUT_MS,
        Map.of(),
        1,
        FunctionSettings.MAX_IDLE_SECONDS,
        RestoreMode.AUTO,
        Warmup.NONE,
        HttpHooks.NONE,
        NEVER_RESTORE);
  }

  private StoreReport.Stored snapshots(S3Server server) throws IOException {
    String prefix = "snapshots/";
    List<Double> stored = new ArrayList<>(List.of(0.0));
    double images = 0;
    try (StoreNode node = StoreNode.start(settings, server, prefix, cleanup)) {
      String name = "successive";
      ServiceFunction function = function(node, name, SUCCESSIVE_HEAP_MB);
      function.deploy(RestoreMode.AUTO, NEVER_RESTORE, 1, cleanup);
      for (int i = 0; i < settings.snapshots(); i++) {
        for (int event = 0; event < EVENTS_BETWEEN; event++) {
          invoke(node, name, i * EVENTS_BETWEEN + event);
        }
        SnapshotDescription snapshot = node.client().checkpoint(name);
        node.events().await("upload", snapshot.id(), PATIENCE);
        images += snapshot.bytes() / ServiceFunction.MB;
        stored.add(StoredBytes.mb(server, prefix));
      }
    }
    return stored(images, stored);
  }

  /** From what was stored before the first snapshot and after each. */
  private static StoreReport.Stored stored(double images, List<Double> stored) {
    int count = stored.size() - 1;
    return new StoreReport.Stored(
        count, images, stored.get(count), stored.get(1), stored.get(count) - stored.get(count - 1));
  }

  // ---- upload and restores

  private static final String PREFIX = "restores/";
  private static final String NAME = "restored";

  /** The last part of the key under which a node keeps what restores of a snapshot need first. */
  private static final String WORKING_SET = "working-set";

  private StoreReport.Upload upload(S3Server server) throws IOException {
    try (StoreNode node = StoreNode.start(settings, server, PREFIX, cleanup)) {
      function(node, NAME, settings.heapMb()).deploy(RestoreMode.AUTO, NEVER_RESTORE, 1, cleanup);
      invoke(node, NAME, 7);
      double sentBefore = node.sentMb();
      long start = System.nanoTime();
      SnapshotDescription snapshot = node.client().checkpoint(NAME);
      double localMs = (System.nanoTime() - start) / NANOS_PER_MS;
      long durable = node.events().await("upload", snapshot.id(), PATIENCE);
      double sent = node.sentMb() - sentBefore;
      Waiting.until(
          "the record of what a restore needs first",
          PATIENCE,
          () -> StoredBytes.holds(server, PREFIX, WORKING_SET));
      node.awaitQuiet();
      return new StoreReport.Upload(
          snapshot.bytes() / ServiceFunction.MB, sent, localMs, (durable - start) / NANOS_PER_MS);
    }
  }

  /** One first response on a new node, measured. */
  private record Arrival(
      double firstResponseMs, double fetchMs, double restoreMs, double mbBefore, double mbInAll) {}

  private Map<String, List<Arrival>> arrivals(S3Server server) throws IOException {
    Map<String, List<Arrival>> measured = new LinkedHashMap<>();
    measured.put(DOWNLOAD, new ArrayList<>());
    measured.put(LAZY, new ArrayList<>());
    for (int run = 0; run < settings.runs(); run++) {
      for (String mode : run % 2 == 0 ? List.of(DOWNLOAD, LAZY) : List.of(LAZY, DOWNLOAD)) {
        Objects.requireNonNull(measured.get(mode)).add(arrival(server, mode));
      }
    }
    return measured;
  }

  private Arrival arrival(S3Server server, String mode) throws IOException {
    // A mapped restore needs all of the memory file here; a lazy one does not.
    RestoreMode restore = mode.equals(DOWNLOAD) ? RestoreMode.MAPPED : RestoreMode.LAZY;
    try (StoreNode node = StoreNode.start(settings, server, PREFIX, cleanup)) {
      ServiceFunction function = function(node, NAME, settings.heapMb());
      function.deploy(restore, ServiceFunction.ONE_SNAPSHOT, 1, cleanup);
      ServiceFunction.Answered answered = function.invoke(SampleFunction.EVENT);
      double before = node.receivedMb();
      function.checkStart(answered.reply(), StartKind.RESTORED, restore);
      node.events().await("fetch", Objects.requireNonNull(answered.reply().snapshot()), PATIENCE);
      return new Arrival(
          answered.millis(),
          answered.reply().timing().of(Phase.FETCH).orElse(0),
          answered.reply().timing().of(Phase.RESTORE).orElse(0),
          before,
          node.receivedMb());
    }
  }

  private static StoreReport.Row row(String mode, List<Arrival> all) {
    return new StoreReport.Row(
        mode,
        Percentiles.of(all.stream().map(Arrival::firstResponseMs).toList()).orElseThrow(),
        median(all, Arrival::fetchMs),
        median(all, Arrival::restoreMs),
        median(all, Arrival::mbBefore),
        median(all, Arrival::mbInAll));
  }

  private static double median(
      Map<String, List<Arrival>> measured, String mode, Function<Arrival, Double> field) {
    return median(Objects.requireNonNull(measured.get(mode)), field);
  }

  private static double median(List<Arrival> all, Function<Arrival, Double> field) {
    return Percentiles.at(all.stream().map(field).toList(), 50);
  }

  private ServiceFunction function(StoreNode node, String name, int heapMb) {
    return new ServiceFunction(
        node.client(),
        name,
        settings.function(),
        heapMb,
        Map.of(SampleFunction.RANDOM_VARIABLE, Integer.toString(RANDOM_BYTES)));
  }

  private static void invoke(StoreNode node, String name, int key) {
    InvocationReply reply =
        node.client().invoke(name, "{\"key\":%d}".formatted(key).getBytes(StandardCharsets.UTF_8));
    reply
        .failure()
        .ifPresent(
            failure -> {
              throw new BenchmarkException(
                  BenchmarkException.Cause.WRONG_ANSWER, name + " failed: " + failure);
            });
  }
}
