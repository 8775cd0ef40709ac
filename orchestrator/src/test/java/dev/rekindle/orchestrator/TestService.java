package dev.rekindle.orchestrator;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.InstanceState;
import dev.rekindle.api.Json;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.api.SnapshotState;
import dev.rekindle.api.client.InvocationReply;
import dev.rekindle.api.client.RekindleClient;
import dev.rekindle.orchestrator.config.ServiceConfig;
import dev.rekindle.orchestrator.function.FunctionStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** A real service on a free port with a data directory of its own; closing checks what is left. */
public final class TestService implements AutoCloseable {
  private final Path dataDir;
  private final Leftovers leftovers;
  private final Map<String, Object> settings;
  private Service service;
  private RekindleClient client;

  private TestService(Path dataDir, Leftovers leftovers, Map<String, Object> settings) {
    this.dataDir = dataDir;
    this.leftovers = leftovers;
    this.settings = settings;
    this.service = Service.start(ServiceConfig.load(null, settings), Criu.path());
    this.client = new RekindleClient(url(), Duration.ofMinutes(2));
  }

  public static TestService start() throws IOException {
    return start(Map.of());
  }

  /** Starts with fields of {@link ServiceConfig} other than their defaults. */
  public static TestService start(Map<String, Object> changes) throws IOException {
    Path parent = Leftovers.TEMPORARY;
    Path dataDir = parent.resolve("service-" + Long.toString(System.nanoTime(), 36));
    return start(dataDir, changes);
  }

  public static TestService start(Path dataDir, Map<String, Object> changes) {
    Map<String, Object> settings = new LinkedHashMap<>(changes);
    settings.putIfAbsent("port", 0);
    settings.put("dataDir", dataDir.toString());
    Leftovers leftovers = new Leftovers(dataDir);
    try {
      return new TestService(dataDir, leftovers, settings);
    } catch (RuntimeException e) {
      FunctionStore.deleteTree(dataDir);
      throw e;
    }
  }

  /** Ends the service in order and starts it again on the same data directory. */
  void restart() throws Exception {
    restart(() -> {});
  }

  /** The same; in between {@code meanwhile} may change what is on the disk. */
  void restart(Step meanwhile) throws Exception {
    service.close();
    assertThatNothingRuns();
    meanwhile.run();
    service = Service.start(ServiceConfig.load(null, settings), Criu.path());
    client = new RekindleClient(url(), Duration.ofMinutes(2));
  }

  /** Something that may fail. */
  interface Step {
    void run() throws Exception;
  }

  private void assertThatNothingRuns() throws Exception {
    Await.value("no process of the service is left", leftovers::processes, List::isEmpty);
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + service.port());
  }

  int port() {
    return service.port();
  }

  public RekindleClient client() {
    return client;
  }

  public HttpCalls http() {
    return new HttpCalls(url());
  }

  Path dataDir() {
    return dataDir;
  }

  /** Deploys {@code app.py}. */
  public void deploy(String name, FunctionSettings how) {
    var unused = client.deploy(name, how, Sample.zip("app.py"));
  }

  public InvocationReply invoke(String name, String event) {
    return client.invoke(name, Sample.event(event));
  }

  CompletableFuture<InvocationReply> invokeAsync(String name, String event) {
    return client.invokeAsync(name, Sample.event(event));
  }

  /** Invokes and reads what the function returned. */
  JsonNode ask(String name, String event) throws IOException {
    return json(invoke(name, event));
  }

  static JsonNode json(InvocationReply reply) throws IOException {
    return Json.mapper().readTree(reply.body());
  }

  /** Waits until a snapshot of the function can be restored and no instance is being frozen. */
  SnapshotDescription awaitSnapshot(String name) throws Exception {
    SnapshotDescription ready =
        Await.value(
                "a ready snapshot of " + name,
                () ->
                    client.snapshots(name).stream()
                        .filter(s -> s.state() == SnapshotState.READY)
                        .toList(),
                list -> !list.isEmpty())
            .get(0);
    Await.until(
        "the end of the checkpoint", () -> client.function(name).instances().checkpointing() == 0);
    return ready;
  }

  /** Evicts until no instance is left. */
  public void evictAll(String name) throws Exception {
    Await.until(
        "no instance of " + name,
        () -> {
          client.evict(name);
          return client.instances(name).isEmpty();
        });
  }

  /** Deploys, invokes, and evicts: the next start is a restore. */
  public SnapshotDescription deployAndFreeze(String name, FunctionSettings how) throws Exception {
    return deployAndFreeze(name, how, Sample.zip("app.py"));
  }

  /** The same with other code. */
  public SnapshotDescription deployAndFreeze(String name, FunctionSettings how, byte[] zip)
      throws Exception {
    var unused = client.deploy(name, how, zip);
    invoke(name, "{}");
    SnapshotDescription snapshot = awaitSnapshot(name);
    evictAll(name);
    return snapshot;
  }

  /** Waits for so many busy instances and returns their ids. */
  List<String> awaitBusy(String name, int count) throws Exception {
    return Await.value(
        count + " busy instances of " + name,
        () ->
            client.instances(name).stream()
                .filter(i -> i.state() == InstanceState.BUSY)
                .map(dev.rekindle.api.InstanceDescription::id)
                .toList(),
        busy -> busy.size() == count);
  }

  /** The host's view of the instance's root directory; empty if the instance is gone. */
  Optional<Path> root(String instance) throws IOException {
    return InstanceFiles.root(dataDir, instance);
  }

  /** Lets an invocation go on that waits at the gate. */
  void openGate(String instance) throws IOException {
    InstanceFiles.openGate(dataDir, instance);
  }

  /** The files of a snapshot whose name ends so. */
  List<Path> snapshotFiles(String id, String end) throws IOException {
    while (true) {
      try (Stream<Path> tree = Files.walk(dataDir.resolve("snapshots"))) {
        return tree.filter(p -> p.toString().contains(id) && p.toString().endsWith(end))
            .filter(Files::isRegularFile)
            .sorted()
            .toList();
      } catch (UncheckedIOException e) {
        // Something was removed meanwhile: look again.
      }
    }
  }

  Leftovers leftovers() {
    return leftovers;
  }

  @Override
  public void close() {
    closeAll(this);
  }

  /** Closes services that run side by side: what one leaves can only be told when all are gone. */
  static void closeAll(TestService... services) {
    for (TestService each : services) {
      each.service.close();
      FunctionStore.deleteTree(each.dataDir);
    }
    for (TestService each : services) {
      each.leftovers.assertNone();
    }
  }
}
