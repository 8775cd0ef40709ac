package dev.rekindle.orchestrator.node;

import dev.rekindle.api.Phase;
import dev.rekindle.api.StartKind;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.function.Supplier;

/** The service's metrics, in Prometheus' form. Few, and each a question that operators ask. */
public final class Metrics {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /** A number that is read when somebody asks. */
  public void gauge(String name, Supplier<Number> value) {
    io.micrometer.core.instrument.Gauge.builder("rekindle." + name, value).register(registry);
  }

  /** An invocation was answered. */
  public void invocation(String function, StartKind start, String outcome, Duration total) {
    timer("rekindle.invocation", "function", function, "start", start.wire(), "outcome", outcome)
        .record(total);
  }

  /** A phase of a start took so long. */
  public void phase(String function, Phase phase, Duration duration) {
    timer("rekindle.phase", "function", function, "phase", phase.wire()).record(duration);
  }

  /** An invocation was refused for want of instances. */
  public void refused(String function) {
    count("rekindle.refused", function);
  }

  /** A restore failed; a cold start took its place. */
  public void restoreFailed(String function) {
    count("rekindle.restore.failures", function);
  }

  /** A start failed. */
  public void startFailed(String function) {
    count("rekindle.start.failures", function);
  }

  /** A checkpoint was made; the function stood still for that long. */
  public void checkpoint(String function, Duration pause) {
    timer("rekindle.checkpoint.pause", "function", function).record(pause);
  }

  /** A checkpoint failed. */
  public void checkpointFailed(String function) {
    count("rekindle.checkpoint.failures", function);
  }

  /** A snapshot was removed to make room for others. */
  public void snapshotRemoved(String function) {
    count("rekindle.snapshots.evicted", function);
  }

  /** An idle instance was ended. */
  public void evicted(String function) {
    count("rekindle.evictions", function);
  }

  /** Forgets a function that was removed. */
  public void forget(String function) {
    registry.getMeters().stream()
        .filter(meter -> function.equals(meter.getId().getTag("function")))
        .toList()
        .forEach(registry::remove);
  }

  /** All metrics, in Prometheus' text format. */
  public String scrape() {
    return registry.scrape();
  }

  private void count(String name, String function) {
    registry.counter(name, "function", function).increment();
  }

  private Timer timer(String name, String... tags) {
    return Timer.builder(name).tags(tags).publishPercentiles(0.5, 0.95, 0.99).register(registry);
  }
}
