package dev.rekindle.orchestrator;

import dev.rekindle.engine.SandboxException;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Watches memory. Standby instances count by what they hold privately, and are the first to go when
 * memory is short; idle ones are next. State lives on the event loop.
 */
final class MemoryKeeper {
  private static final Logger LOG = System.getLogger(MemoryKeeper.class.getName());
  private static final long PERIOD_MS = 1_000;
  private static final String SHORT = "memory is short";

  private final ServiceConfig config;
  private volatile long standbyBytes;
  private boolean hostShort;
  private boolean measuring;

  MemoryKeeper(ServiceConfig config) {
    this.config = config;
  }

  /** What was found last. */
  private record Reading(long availableBytes, long standbyBytes) {}

  /** Private memory of all standby instances when it was measured last, in bytes. */
  long standbyBytes() {
    return standbyBytes;
  }

  /** Whether one more standby instance fits the budget. */
  boolean hasRoomForStandby() {
    return !hostShort && standbyBytes < (long) config.standbyMemoryMb() << 20;
  }

  /** Whether the host has less memory to give than the configuration wants free. */
  boolean isShort() {
    return hostShort;
  }

  /** Begins to measure, and to end instances when it must. */
  void watch(Node node, FunctionRegistry functions) {
    node.metrics().gauge("standby.private.bytes", this::standbyBytes);
    node.vertx().setPeriodic(PERIOD_MS, tick -> look(node, functions));
  }

  private void look(Node node, FunctionRegistry functions) {
    if (measuring) {
      return;
    }
    measuring = true;
    List<Instance> standbys =
        functions.all().stream()
            .flatMap(registered -> registered.pool().instances().stream())
            .filter(Instance::isFresh)
            .toList();
    node.workers()
        .file(() -> new Reading(availableBytes(), privateBytes(standbys)))
        .onComplete(done -> measuring = false)
        .onSuccess(
            reading -> {
              standbyBytes = reading.standbyBytes();
              act(functions, reading);
            })
        .onFailure(
            e -> LOG.log(Logger.Level.WARNING, "event=memory-unreadable error={0}", e.toString()));
  }

  /** Ends one instance a look: the next one shows what that gave. */
  private void act(FunctionRegistry functions, Reading reading) {
    hostShort = reading.availableBytes() < (long) config.minAvailableMemoryMb() << 20;
    if (!hostShort && reading.standbyBytes() <= (long) config.standbyMemoryMb() << 20) {
      return;
    }
    if (hostShort && functions.privateRuns().giveWay(PrivateRun.Purpose.TRAINING, SHORT)) {
      return;
    }
    for (FunctionRegistry.Registered registered : functions.all()) {
      if (registered.pool().giveUpStandby()) {
        return;
      }
    }
    if (hostShort && !functions.privateRuns().giveWay(PrivateRun.Purpose.RECORDING, SHORT)) {
      for (FunctionRegistry.Registered registered : functions.all()) {
        if (registered.pool().giveUpIdle()) {
          return;
        }
      }
    }
  }

  private static long privateBytes(List<Instance> instances) {
    long sum = 0;
    for (Instance instance : instances) {
      try {
        sum += instance.sandbox().memory().privateBytes();
      } catch (SandboxException e) {
        // It ended since it was listed: it holds nothing.
      }
    }
    return sum;
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
