package dev.rekindle.orchestrator.pool;

import dev.rekindle.api.InstanceState;
import dev.rekindle.engine.sandbox.SandboxException;
import dev.rekindle.orchestrator.config.ServiceConfig;
import dev.rekindle.orchestrator.instance.Instance;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.orchestrator.node.MemoryPressure;
import dev.rekindle.orchestrator.node.Metrics;
import dev.rekindle.orchestrator.node.Workers;
import dev.rekindle.orchestrator.policy.model.SharedBudget;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Watches the memory that idle and standby instances hold for themselves. Standby instances are the
 * first to go when memory is short; idle ones are next, those first that were idle for longest.
 * State lives on the event loop.
 */
public final class MemoryEviction {
  private static final Logger LOG = System.getLogger(MemoryEviction.class.getName());
  private static final long PERIOD_MS = 1_000;
  private static final String SHORT = "memory is short";

  /**
   * An instance that serves nobody hardly changes, and to count a large one's pages takes
   * milliseconds: what was measured counts this long.
   */
  private static final long FRESH_NANOS = 30_000_000_000L;

  private final Parts parts;
  private final long standbyLimit;
  private final long minAvailable;
  private Map<String, Holding> holdings = Map.of();
  private long standbyBytes;
  private int standbys;
  private boolean hostShort;
  private boolean memoryShort;
  private boolean measuring;

  /**
   * What it measures with, and where it writes what it found.
   *
   * @param loop the service's event loop
   * @param workers may block
   * @param metrics counters and timers
   * @param budget what all functions together may spend
   * @param pressure what starters of instances read
   */
  public record Parts(
      EventLoop loop,
      Workers workers,
      Metrics metrics,
      SharedBudget budget,
      MemoryPressure pressure) {}

  /** An eviction by the limits of that configuration. */
  public MemoryEviction(Parts parts, ServiceConfig config) {
    this.parts = parts;
    this.standbyLimit = (long) config.standbyMemoryMb() << 20;
    this.minAvailable = (long) config.minAvailableMemoryMb() << 20;
    publish();
  }

  /** What an instance held when it had served so many requests, and when that was measured. */
  private record Holding(long served, long bytes, long atNanos) {}

  /** What was found last. */
  private record Reading(long availableBytes, Map<String, Holding> holdings) {}

  /** An instance that serves nobody, and the function it belongs to. */
  private record Idle(String function, Instance instance) {}

  /** Private memory of all standby instances when it was measured last, in bytes. */
  long standbyBytes() {
    return standbyBytes;
  }

  /** Writes down whether memory is short, for those who start instances. */
  private void publish() {
    long another = standbys == 0 ? 0 : standbyBytes / standbys;
    boolean room = !hostShort && !memoryShort && standbyBytes + another < standbyLimit;
    parts.pressure().update(hostShort, room);
  }

  /** Begins to measure, and to end instances when it must. */
  public void watch(FunctionRegistry functions) {
    parts.metrics().gauge("standby.private.bytes", this::standbyBytes);
    parts.loop().every(PERIOD_MS, () -> look(functions));
  }

  private static List<Idle> idle(FunctionRegistry functions) {
    List<Idle> idle = new ArrayList<>();
    functions
        .all()
        .forEach(
            registered ->
                registered.pool().instances().stream()
                    .filter(
                        i -> i.state() == InstanceState.IDLE || i.state() == InstanceState.STANDBY)
                    .forEach(i -> idle.add(new Idle(registered.function().name(), i))));
    return idle;
  }

  private void look(FunctionRegistry functions) {
    if (measuring) {
      return;
    }
    measuring = true;
    Map<String, Holding> known = holdings;
    List<Instance> instances = idle(functions).stream().map(Idle::instance).toList();
    Map<String, Long> served =
        instances.stream().collect(Collectors.toMap(Instance::id, Instance::served));
    parts
        .workers()
        .file(
            () ->
                new Reading(
                    availableBytes(), measure(instances, served, known, parts.loop().nanoTime())))
        .onComplete(done -> measuring = false)
        .onSuccess(
            reading -> {
              holdings = reading.holdings();
              add(idle(functions));
              act(functions, reading.availableBytes());
            })
        .onFailure(
            e -> LOG.log(Logger.Level.WARNING, "event=memory-unreadable error={0}", e.toString()));
  }

  /** Adds up what those hold that are idle now: some may have taken a request meanwhile. */
  private void add(List<Idle> idle) {
    long all = 0;
    standbyBytes = 0;
    standbys = 0;
    Map<String, List<Long>> byFunction = new HashMap<>();
    for (Idle each : idle) {
      Holding holding = holdings.get(each.instance().id());
      if (holding != null) {
        all += holding.bytes();
        byFunction
            .computeIfAbsent(each.function(), unused -> new ArrayList<>())
            .add(holding.bytes());
        if (each.instance().isFresh()) {
          standbyBytes += holding.bytes();
          standbys++;
        }
      }
    }
    Map<String, Double> means = new HashMap<>();
    byFunction.forEach(
        (function, bytes) ->
            means.put(function, bytes.stream().mapToLong(b -> b).average().orElse(0)));
    parts.budget().memory((double) all);
    parts.budget().instances(means);
    memoryShort = parts.budget().memoryIsShort();
  }

  /**
   * Ends one instance a look: the next one shows what that gave. Trained clones go first, then
   * standby instances, then recordings, which somebody asked for, then idle ones.
   */
  private void act(FunctionRegistry functions, long availableBytes) {
    hostShort = availableBytes < minAvailable;
    publish();
    if (hostShort && functions.backgroundRuns().giveWay(BackgroundRun.Purpose.TRAINING, SHORT)) {
      return;
    }
    boolean isShort = hostShort || memoryShort;
    if ((isShort || standbyBytes > standbyLimit)
        && functions.endLongestIdle(Instance::isFresh, SHORT)) {
      return;
    }
    if (hostShort && functions.backgroundRuns().giveWay(BackgroundRun.Purpose.RECORDING, SHORT)) {
      return;
    }
    if (isShort) {
      functions.endLongestIdle(instance -> true, SHORT);
    }
  }

  private static Map<String, Holding> measure(
      List<Instance> instances, Map<String, Long> served, Map<String, Holding> known, long now) {
    Map<String, Holding> found = new HashMap<>();
    for (Instance instance : instances) {
      long requests = served.getOrDefault(instance.id(), 0L);
      Holding before = known.get(instance.id());
      if (before != null && before.served() == requests && now - before.atNanos() < FRESH_NANOS) {
        found.put(instance.id(), before);
        continue;
      }
      try {
        long bytes = instance.sandbox().memory().privateBytes();
        found.put(instance.id(), new Holding(requests, bytes, now));
      } catch (SandboxException e) {
        // It ended since it was listed: it holds nothing.
      }
    }
    return found;
  }

  private static long availableBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
      if (line.startsWith("MemAvailable:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
      }
    }
    throw new IOException("/proc/meminfo names no MemAvailable");
  }
}
