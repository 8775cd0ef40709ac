package dev.rekindle.orchestrator;

import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.InstanceDescription;
import dev.rekindle.api.InvocationReply;
import dev.rekindle.api.Phase;
import dev.rekindle.api.RekindleClient;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.api.SnapshotState;
import dev.rekindle.api.StartKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code rekindle demo}: a function starts cold, is frozen, and starts hot. */
@Command(
    name = "demo",
    description = "Shows a cold start, a checkpoint and hot starts, and cleans up.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  private static final String FUNCTION = "tables";
  private static final byte[] EVENT = "{\"query\":\"kari tome\"}".getBytes(StandardCharsets.UTF_8);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Option(
      names = "--clones",
      description = "How many invocations come at once (default: ${DEFAULT-VALUE}).",
      defaultValue = "10")
  private int clones;

  private final PrintStream out = System.out;

  @Override
  public Integer call() throws Exception {
    if (clones < 1 || clones > 100) {
      System.err.println("rekindle demo: --clones takes a number from 1 to 100");
      return 2;
    }
    Logger.getLogger("").setLevel(Level.WARNING); // the table is what there is to see
    Path data = Files.createTempDirectory("rekindle-demo");
    ServiceConfig config = ServiceConfig.load(null, Map.of("port", 0, "dataDir", data.toString()));
    try (Service service = Service.start(config, Criu.path())) {
      run(new RekindleClient(URI.create("http://127.0.0.1:" + service.port())));
      return 0;
    } catch (StartupException e) {
      System.err.println("rekindle demo: " + e.getMessage());
      return 1;
    } finally {
      FunctionStore.deleteTree(data);
    }
  }

  /** A row of the table: one invocation. */
  private record Row(String what, InvocationReply reply, double totalMs, double startMs) {}

  private void run(RekindleClient client) throws Exception {
    FunctionSettings settings = FunctionSettings.of("python3", "tables.handler");
    client.deploy(FUNCTION, settings, zip("tables.py"));
    out.println("deployed '" + FUNCTION + "': Python with a large table built at start-up");

    List<Row> rows = new ArrayList<>();
    rows.add(timed(client, "first invocation"));
    SnapshotDescription snapshot = awaitSnapshot(client);
    double coldMb = privateMb(client);
    out.printf(
        Locale.ROOT,
        "frozen after request %d: snapshot %s, %.1f MB%n",
        snapshot.request(),
        snapshot.id(),
        snapshot.bytes() / 1e6);
    awaitEvicted(client);

    rows.add(timed(client, "after eviction"));
    double hotMb = privateMb(client);
    awaitEvicted(client);

    List<CompletableFuture<InvocationReply>> burst = new ArrayList<>();
    long start = System.nanoTime();
    for (int i = 0; i < clones; i++) {
      burst.add(client.invokeAsync(FUNCTION, EVENT));
    }
    for (CompletableFuture<InvocationReply> reply : burst) {
      rows.add(row("one of " + clones + " at once", reply.get(), -1));
    }
    double burstMs = (System.nanoTime() - start) / 1e6;
    Map<String, InstanceDescription> alive =
        client.instances(FUNCTION).stream()
            .collect(Collectors.toMap(InstanceDescription::id, i -> i));
    print(rows, alive, coldMb, hotMb);
    conclude(rows, burstMs, alive.values());
  }

  private static Row timed(RekindleClient client, String what) {
    long start = System.nanoTime();
    InvocationReply reply = client.invoke(FUNCTION, EVENT);
    return row(what, reply, (System.nanoTime() - start) / 1e6);
  }

  private static Row row(String what, InvocationReply reply, double clientMs) {
    if (reply.failure().isPresent()) {
      throw new IllegalStateException("the sample function failed: " + reply.failure().get());
    }
    double total = reply.timing().of(Phase.TOTAL).orElse(0);
    double started =
        reply.timing().of(Phase.BOOT).orElse(reply.timing().of(Phase.RESTORE).orElse(0));
    return new Row(what, reply, clientMs < 0 ? total : clientMs, started);
  }

  private void print(
      List<Row> rows, Map<String, InstanceDescription> alive, double coldMb, double hotMb) {
    out.printf("%n%-18s %-9s %10s %10s %12s%n", "", "start", "start ms", "total ms", "private MB");
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      InstanceDescription instance = alive.get(row.reply().instance());
      double mb =
          i == 0 ? coldMb : i == 1 ? hotMb : instance == null ? 0 : instance.privateBytes() / 1e6;
      out.printf(
          Locale.ROOT,
          "%-18s %-9s %10.1f %10.1f %12.1f%n",
          row.what(),
          row.reply().start().wire(),
          row.startMs(),
          row.totalMs(),
          mb);
    }
  }

  private void conclude(
      List<Row> rows, double burstMs, java.util.Collection<InstanceDescription> alive) {
    Row cold = rows.get(0);
    Row hot = rows.get(1);
    long restored =
        rows.stream().skip(2).filter(r -> r.reply().start() == StartKind.RESTORED).count();
    double sharedMb = alive.stream().mapToLong(InstanceDescription::privateBytes).sum() / 1e6;
    out.printf(
        Locale.ROOT,
        "%nThe first response came %.1f times sooner from the snapshot than from nothing"
            + " (%.1f ms instead of %.1f ms); %d requests at once took %.0f ms with %d hot starts,"
            + " %.0f MB for all %d instances.%n",
        cold.totalMs() / hot.totalMs(),
        hot.totalMs(),
        cold.totalMs(),
        clones,
        burstMs,
        restored,
        sharedMb,
        alive.size());
  }

  private static double privateMb(RekindleClient client) {
    return client.instances(FUNCTION).stream()
            .mapToLong(InstanceDescription::privateBytes)
            .max()
            .orElse(0)
        / 1e6;
  }

  private static SnapshotDescription awaitSnapshot(RekindleClient client) throws Exception {
    return await(
        "a snapshot",
        () ->
            client.snapshots(FUNCTION).stream()
                .filter(s -> s.state() == SnapshotState.READY)
                .findFirst()
                .orElse(null));
  }

  private static void awaitEvicted(RekindleClient client) throws Exception {
    await(
        "the eviction",
        () -> {
          client.evict(FUNCTION);
          return client.instances(FUNCTION).isEmpty() ? Boolean.TRUE : null;
        });
  }

  private static <T> T await(String what, Callable<@org.jspecify.annotations.Nullable T> condition)
      throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      T result = condition.call();
      if (result != null) {
        return result;
      }
      Thread.sleep(20);
    }
    throw new IllegalStateException(what + " did not come; see the log above");
  }

  private static byte[] zip(String sample) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes);
        InputStream in =
            Objects.requireNonNull(
                DemoCommand.class.getResourceAsStream("/samples/python3/" + sample))) {
      zip.putNextEntry(new ZipEntry(sample));
      in.transferTo(zip);
    }
    return bytes.toByteArray();
  }
}
