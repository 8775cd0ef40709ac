package dev.rekindle.loadtests.run;

import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.HttpHooks;
import dev.rekindle.api.InstanceDescription;
import dev.rekindle.api.InstanceState;
import dev.rekindle.api.Phase;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.RestoreMode;
import dev.rekindle.api.SnapshotState;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.Warmup;
import dev.rekindle.api.client.InvocationReply;
import dev.rekindle.api.client.RekindleClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The sample function, deployed to the service under a name of its own. */
public final class ServiceFunction {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Longer than any benchmark: instances end when they are told to. */
  private static final int IDLE_SECONDS = FunctionSettings.MAX_IDLE_SECONDS;

  private static final int TIMEOUT_MS = 120_000;

  /** Bytes of a MB, here and in all reports. */
  public static final double MB = 1e6;

  /** One snapshot, always the same: what is measured is a start, not a policy. */
  public static final PolicyChoice ONE_SNAPSHOT = new PolicyChoice("after-first", Map.of());

  private final RekindleClient client;
  private final String name;
  private final SampleFunction function;
  private final int heapMb;
  private final Map<String, String> environment;

  public ServiceFunction(RekindleClient client, String name, SampleFunction function, int heapMb) {
    this(client, name, function, heapMb, Map.of());
  }

  /** The same with variables besides the size of its heap. */
  public ServiceFunction(
      RekindleClient client,
      String name,
      SampleFunction function,
      int heapMb,
      Map<String, String> variables) {
    this.client = client;
    this.name = name;
    this.function = function;
    this.heapMb = heapMb;
    this.environment = new TreeMap<>(variables);
    environment.put(SampleFunction.HEAP_VARIABLE, Integer.toString(heapMb));
  }

  /**
   * An answered invocation.
   *
   * @param reply what came back
   * @param millis from sending the request until the reply was there
   */
  public record Answered(InvocationReply reply, double millis) {}

  /** Deploys it; the cleanup removes it. */
  public void deploy(RestoreMode mode, PolicyChoice policy, int maxInstances, Cleanup cleanup)
      throws IOException {
    client.deploy(
        name,
        new FunctionSettings(
            function.runtime(),
            function.handler(),
            memoryMb(heapMb),
            TIMEOUT_MS,
            environment,
            maxInstances,
            IDLE_SECONDS,
            mode,
            Warmup.NONE,
            HttpHooks.NONE,
            policy),
        function.zip());
    cleanup.add(
        () -> {
          try {
            client.delete(name);
          } catch (RuntimeException e) {
            // The service may be going down already, and takes its functions with it.
          }
        });
  }

  /** Room for the heap twice: a limit on memory is not what is measured. */
  private static int memoryMb(int heapMb) {
    return Math.max(FunctionSettings.DEFAULT_MEMORY_MB, 2 * heapMb + 128);
  }

  /** Starts it cold once and waits for the snapshot that its policy takes then. */
  public void makeSnapshot() {
    invoke(SampleFunction.EVENT);
    Waiting.until(
        "a snapshot of " + name,
        PATIENCE,
        () -> client.snapshots(name).stream().anyMatch(s -> s.state() == SnapshotState.READY));
  }

  /** Ends its instances. */
  public void evict() {
    Waiting.until(
        "the eviction of " + name,
        PATIENCE,
        () -> {
          client.evict(name);
          return client.instances(name).isEmpty();
        });
  }

  /** Invokes it and takes the time. */
  public Answered invoke(String event) {
    byte[] body = event.getBytes(StandardCharsets.UTF_8);
    long start = System.nanoTime();
    InvocationReply reply = client.invoke(name, body);
    double millis = (System.nanoTime() - start) / 1e6;
    check(reply);
    return new Answered(reply, millis);
  }

  /**
   * Checks that an invocation was answered.
   *
   * @throws BenchmarkException if the function failed
   */
  public void check(InvocationReply reply) {
    reply
        .failure()
        .ifPresent(
            failure -> {
              throw new BenchmarkException(
                  BenchmarkException.Cause.WRONG_ANSWER, name + " failed: " + failure);
            });
  }

  /**
   * Checks how an invocation was started.
   *
   * @throws BenchmarkException if it was started in another way: its time would mislead
   */
  public void checkStart(InvocationReply reply, StartKind kind, @Nullable RestoreMode mode) {
    if (reply.start() != kind || (mode != null && reply.restoreMode() != mode)) {
      throw new BenchmarkException(
          BenchmarkException.Cause.WRONG_ANSWER,
          "%s was to be started %s%s, but was started %s%s; GET /v1/events may tell why"
              .formatted(
                  name,
                  kind.wire(),
                  mode == null ? "" : " (" + mode.wire() + ")",
                  reply.start().wire(),
                  reply.restoreMode() == null ? "" : " (" + reply.restoreMode().wire() + ")"));
    }
  }

  /** Its instances. */
  public List<InstanceDescription> instances() {
    return client.instances(name);
  }

  /** Waits for an instance that has served nothing, and describes it. */
  public InstanceDescription awaitStandby() {
    Waiting.until("a standby instance of " + name, PATIENCE, () -> standby().isPresent());
    return standby()
        .orElseThrow(
            () ->
                new BenchmarkException(
                    BenchmarkException.Cause.SERVICE, "the standby of " + name + " went away"));
  }

  private Optional<InstanceDescription> standby() {
    return instances().stream().filter(i -> i.state() == InstanceState.STANDBY).findFirst();
  }

  /** One of its instances, if it lives still. */
  public Optional<InstanceDescription> instance(String id) {
    return instances().stream().filter(i -> i.id().equals(id)).findFirst();
  }

  /** An answer as a measurement, with the memory of an instance if that is known. */
  public static Measurement measurement(Answered answered, Optional<InstanceDescription> instance) {
    OptionalDouble restore = answered.reply().timing().of(Phase.RESTORE);
    return new Measurement(
        answered.millis(),
        restore.isPresent() ? restore.getAsDouble() : null,
        instance.map(i -> i.privateBytes() / MB).orElse(null),
        instance.map(i -> i.sharedBytes() / MB).orElse(null),
        null);
  }
}
