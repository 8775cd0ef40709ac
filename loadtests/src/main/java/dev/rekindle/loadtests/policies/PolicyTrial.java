package dev.rekindle.loadtests.policies;

import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.api.SnapshotState;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.client.InvocationReply;
import dev.rekindle.api.client.RekindleClient;
import dev.rekindle.loadtests.run.BenchmarkException;
import dev.rekindle.loadtests.run.Cleanup;
import dev.rekindle.loadtests.run.HeavyFunction;
import dev.rekindle.loadtests.run.Percentiles;
import dev.rekindle.loadtests.run.ServiceFunction;
import dev.rekindle.loadtests.run.ServiceGauges;
import dev.rekindle.loadtests.run.Waiting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** One function under one policy: a deployment of its own, invoked life by life. */
final class PolicyTrial {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final RekindleClient client;
  private final ServiceGauges gauges;
  private final String name;
  private final HeavyFunction function;
  private final PolicyChoice policy;
  private final String label;
  private final List<Double> millis = new ArrayList<>();
  private final List<Integer> firsts = new ArrayList<>();
  private final Map<StartKind, Long> starts = new EnumMap<>(StartKind.class);
  private long mostBytes;

  /**
   * A trial.
   *
   * @param name what the function is deployed as
   * @param label what the policy is called in the report
   */
  PolicyTrial(
      RekindleClient client,
      ServiceGauges gauges,
      String name,
      HeavyFunction function,
      PolicyChoice policy,
      String label) {
    this.client = client;
    this.gauges = gauges;
    this.name = name;
    this.function = function;
    this.policy = policy;
    this.label = label;
  }

  /** Deploys it; the cleanup removes it. */
  void deploy(byte[] zip, Cleanup cleanup) throws IOException {
    client.deploy(
        name, FunctionSettings.of(function.runtime(), function.handler()).withPolicy(policy), zip);
    cleanup.add(
        () -> {
          try {
            client.delete(name);
          } catch (RuntimeException e) {
            // The service may be going down already, and takes its functions with it.
          }
        });
  }

  /** Invokes it so many times, one after the other, and evicts what served. */
  void live(int requests) {
    evict(); // what the policy restored ahead: here the starts are compared
    for (int i = 0; i < requests; i++) {
      long start = System.nanoTime();
      InvocationReply reply =
          client.invoke(name, function.event().getBytes(StandardCharsets.UTF_8));
      double took = (System.nanoTime() - start) / 1e6;
      reply
          .failure()
          .ifPresent(
              failure -> {
                throw new BenchmarkException(
                    BenchmarkException.Cause.WRONG_ANSWER, name + " failed: " + failure);
              });
      millis.add(took);
      if (i == 0) {
        firsts.add(millis.size());
      }
      starts.merge(reply.start(), 1L, Long::sum);
    }
    evict();
    long bytes = client.snapshots(name).stream().mapToLong(SnapshotDescription::bytes).sum();
    mostBytes = Math.max(mostBytes, bytes);
  }

  /** Until nothing runs and no snapshot is in the making: the next start finds what there is. */
  private void evict() {
    Waiting.until(
        "the eviction of " + name,
        PATIENCE,
        () ->
            client.snapshots(name).stream().noneMatch(s -> s.state() == SnapshotState.CREATING)
                && client.evict(name) == 0
                && client.instances(name).isEmpty());
  }

  /** What came of it. */
  PoliciesReport.Row row() {
    String labels = "{function=\"" + name + "\"}";
    double pauseSeconds = gauges.find("rekindle_checkpoint_pause_seconds_sum" + labels).orElse(0);
    double checkpoints = gauges.find("rekindle_checkpoint_pause_seconds_count" + labels).orElse(0);
    double waited = millis.stream().mapToDouble(ms -> ms).sum() / 1e3;
    return new PoliciesReport.Row(
        label,
        waited + pauseSeconds,
        Percentiles.at(millis, 50),
        Percentiles.at(millis, 99),
        firsts.stream().mapToDouble(at -> millis.get(at - 1)).average().orElse(0),
        Math.round(checkpoints),
        starts.getOrDefault(StartKind.COLD, 0L),
        starts.getOrDefault(StartKind.RESTORED, 0L),
        starts.getOrDefault(StartKind.STANDBY, 0L),
        starts.getOrDefault(StartKind.WARM, 0L),
        mostBytes / ServiceFunction.MB,
        client.snapshots(name).stream().map(SnapshotDescription::request).sorted().toList(),
        firsts,
        millis);
  }
}
