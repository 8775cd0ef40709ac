package dev.rekindle.loadtests.start;

import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.InstanceDescription;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.client.InvocationReply;
import dev.rekindle.api.client.RekindleClient;
import dev.rekindle.loadtests.run.BenchmarkException;
import dev.rekindle.loadtests.run.Cleanup;
import dev.rekindle.loadtests.run.Percentiles;
import dev.rekindle.loadtests.run.Report;
import dev.rekindle.loadtests.run.ServiceFunction;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Starts many clones of one snapshot as fast as possible. Each event keeps its clone busy for a
 * while, so that every event needs a clone of its own; that while is taken off again.
 */
final class CloneBurst {
  /** First try of how long a clone is kept busy; doubled while clones served twice. */
  private static final int FIRST_HOLD_MS = 1_000;

  private static final int LAST_HOLD_MS = 16_000;

  private final RekindleClient client;
  private final ServiceFunction function;
  private final String name;
  private final StartSettings settings;
  private final Cleanup cleanup;

  CloneBurst(RekindleClient client, String name, StartSettings settings, Cleanup cleanup) {
    this.client = client;
    this.function = new ServiceFunction(client, name, settings.function(), settings.heapMb());
    this.name = name;
    this.settings = settings;
    this.cleanup = cleanup;
  }

  /**
   * Runs it.
   *
   * @throws BenchmarkException if a clone does not answer or was not restored
   */
  Report.Clones run() throws IOException {
    function.deploy(
        FunctionSettings.DEFAULT_RESTORE_MODE,
        ServiceFunction.ONE_SNAPSHOT,
        settings.clones(),
        cleanup);
    function.makeSnapshot();
    for (int holdMs = FIRST_HOLD_MS; holdMs <= LAST_HOLD_MS; holdMs *= 2) {
      function.evict();
      List<Double> millis = burst(holdMs);
      List<InstanceDescription> clones = function.instances();
      if (clones.size() == settings.clones()) {
        return report(millis, clones);
      }
    }
    throw new BenchmarkException(
        BenchmarkException.Cause.SERVICE,
        "%d clones were not up at the same time within %d ms"
            .formatted(settings.clones(), LAST_HOLD_MS));
  }

  /** Invokes all at once; the time of each answer from the common start, without the hold. */
  private List<Double> burst(int holdMs) {
    byte[] event = "{\"key\":7,\"holdMs\":%d}".formatted(holdMs).getBytes(StandardCharsets.UTF_8);
    List<CompletableFuture<Double>> answers = new ArrayList<>();
    long start = System.nanoTime();
    for (int i = 0; i < settings.clones(); i++) {
      answers.add(
          client
              .invokeAsync(name, event)
              .thenApply(
                  reply -> {
                    double millis = (System.nanoTime() - start) / 1e6 - holdMs;
                    check(reply);
                    return millis;
                  }));
    }
    return answers.stream().map(CloneBurst::await).toList();
  }

  /** A second event of a clone that was held too briefly is warm; any other must be restored. */
  private void check(InvocationReply reply) {
    function.check(reply);
    if (reply.start() != StartKind.WARM) {
      function.checkStart(reply, StartKind.RESTORED, null);
    }
  }

  private static double await(CompletableFuture<Double> answer) {
    try {
      return answer.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkException(BenchmarkException.Cause.INTERRUPTED, "interrupted");
    } catch (ExecutionException e) {
      throw new BenchmarkException(
          BenchmarkException.Cause.SERVICE, "a clone did not answer: " + e.getCause());
    }
  }

  private static Report.Clones report(List<Double> millis, List<InstanceDescription> clones) {
    return new Report.Clones(
        millis.size(),
        Percentiles.at(millis, 100) / 1e3,
        Percentiles.of(millis).orElseThrow(),
        clones.stream().mapToLong(InstanceDescription::privateBytes).sum() / ServiceFunction.MB,
        clones.stream().mapToLong(InstanceDescription::sharedBytes).max().orElse(0)
            / ServiceFunction.MB);
  }
}
