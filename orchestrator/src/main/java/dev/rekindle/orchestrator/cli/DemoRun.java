package dev.rekindle.orchestrator.cli;

import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.InstanceDescription;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.api.SnapshotState;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.client.InvocationReply;
import dev.rekindle.api.client.RekindleClient;
import dev.rekindle.warmers.SampleFunction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One sample function's way from a cold start over a snapshot to clones. */
public final class DemoRun {
  static final int MAX_CLONES = 100;

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final RekindleClient client;
  private final SampleFunction sample;
  private final String name;
  private final byte[] event;
  private final int clones;

  public DemoRun(RekindleClient client, SampleFunction sample, int clones) {
    this.client = client;
    this.sample = sample;
    this.name = "demo-" + sample.runtime();
    this.event = sample.event().getBytes(StandardCharsets.UTF_8);
    this.clones = clones;
  }

  /**
   * What was seen; times in milliseconds from request to response, sizes in 10^6 bytes.
   *
   * @param coldMs first response of a function that was not running
   * @param restoredMs the same, from its snapshot
   * @param coldMb memory of its own of an instance that booted
   * @param cloneMb the same of a restored one
   * @param snapshotMb size of the snapshot
   * @param burstMs many requests at once, until the last response
   * @param hotStarts how many of those were served by an instance restored for them
   * @param burstMb memory of their own of all instances then
   * @param instances how many these are
   */
  public record Result(
      double coldMs,
      double restoredMs,
      double coldMb,
      double cloneMb,
      double snapshotMb,
      double burstMs,
      long hotStarts,
      double burstMb,
      int instances) {}

  /**
   * Runs it.
   *
   * @throws IllegalStateException if the function fails or something does not come in time
   */
  public Result run() throws Exception {
    var unused =
        client.deploy(name, FunctionSettings.of(sample.runtime(), sample.handler()), sample.zip());
    double coldMs = timedMs();
    SnapshotDescription snapshot = awaitSnapshot();
    double coldMb = privateMb();
    awaitEvicted();
    double restoredMs = timedMs();
    double cloneMb = privateMb();
    awaitEvicted();
    long start = System.nanoTime();
    List<InvocationReply> replies = burst();
    double burstMs = (System.nanoTime() - start) / 1e6;
    List<InstanceDescription> alive = client.instances(name);
    return new Result(
        coldMs,
        restoredMs,
        coldMb,
        cloneMb,
        snapshot.bytes() / 1e6,
        burstMs,
        replies.stream().filter(reply -> reply.start() == StartKind.RESTORED).count(),
        alive.stream().mapToLong(InstanceDescription::privateBytes).sum() / 1e6,
        alive.size());
  }

  private double timedMs() {
    long start = System.nanoTime();
    checked(client.invoke(name, event));
    return (System.nanoTime() - start) / 1e6;
  }

  private List<InvocationReply> burst() throws Exception {
    List<CompletableFuture<InvocationReply>> waiting = new ArrayList<>();
    for (int i = 0; i < clones; i++) {
      waiting.add(client.invokeAsync(name, event));
    }
    List<InvocationReply> replies = new ArrayList<>();
    for (CompletableFuture<InvocationReply> reply : waiting) {
      replies.add(checked(reply.get()));
    }
    return replies;
  }

  private InvocationReply checked(InvocationReply reply) {
    if (reply.failure().isPresent()) {
      throw new IllegalStateException(
          "the sample for " + sample.runtime() + " failed: " + reply.failure().get());
    }
    return reply;
  }

  private double privateMb() {
    return client.instances(name).stream()
            .mapToLong(InstanceDescription::privateBytes)
            .max()
            .orElse(0)
        / 1e6;
  }

  private SnapshotDescription awaitSnapshot() throws Exception {
    return await(
        "a snapshot",
        () ->
            client.snapshots(name).stream()
                .filter(s -> s.state() == SnapshotState.READY)
                .findFirst()
                .orElse(null));
  }

  private void awaitEvicted() throws Exception {
    await(
        "the eviction",
        () -> {
          client.evict(name);
          return client.instances(name).isEmpty() ? Boolean.TRUE : null;
        });
  }

  private static <T> T await(String what, Callable<@Nullable T> condition) throws Exception {
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
}
