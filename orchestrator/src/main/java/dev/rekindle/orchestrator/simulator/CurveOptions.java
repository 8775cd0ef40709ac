package dev.rekindle.orchestrator.simulator;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that {@code simulate} and {@code tune} share: what policies are tried on. */
final class CurveOptions {
  @Option(
      names = "--curve",
      description = {
        "CSV with header request,latency_us: the latencies of a process's requests.",
        "Or made-up:SHAPE:SEED for a curve that chance makes, such as made-up:late:7."
      })
  @Nullable String curve;

  @Option(
      names = "--requests",
      description = "How many requests come (default: ${DEFAULT-VALUE}).",
      converter = Count.class)
  int requests = 5_000;

  @Option(
      names = "--evict-every",
      description = "An instance is evicted after so many requests (default: 4).",
      converter = Count.class)
  @Nullable Integer evictEvery;

  @Option(
      names = "--arrivals",
      description = "CSV with header arrival_ms, ascending: when requests come.")
  @Nullable Path arrivals;

  @Option(
      names = "--idle-seconds",
      description = "With --arrivals: how long an idle instance lives (default: ${DEFAULT-VALUE}).",
      converter = Amount.class)
  double idleSeconds = 60;

  @Option(
      names = "--cold-ms",
      description = "What a boot takes (default: ${DEFAULT-VALUE}).",
      converter = Amount.class)
  double coldMs = Costs.DEFAULT.coldMs();

  @Option(
      names = "--restore-ms",
      description = "What a restore takes (default: ${DEFAULT-VALUE}).",
      converter = Amount.class)
  double restoreMs = Costs.DEFAULT.restoreMs();

  @Option(
      names = "--checkpoint-ms",
      description = "What a checkpoint takes (default: ${DEFAULT-VALUE}).",
      converter = Amount.class)
  double checkpointMs = Costs.DEFAULT.checkpointMs();

  @Option(
      names = "--snapshot-mb",
      description = "The size of a snapshot (default: ${DEFAULT-VALUE}).",
      converter = Amount.class)
  double snapshotMb = Costs.DEFAULT.snapshotMb();

  @Mixin WeatherOptions weather = new WeatherOptions();

  /**
   * Reads the files.
   *
   * @throws IllegalArgumentException if options contradict each other or one is missing
   * @throws InvalidFileException if a file is not what it should be
   */
  Experiment experiment() {
    if (curve == null) {
      throw new IllegalArgumentException("--curve is missing: name a CSV with request,latency_us");
    }
    if (evictEvery != null && arrivals != null) {
      throw new IllegalArgumentException("--evict-every and --arrivals exclude each other");
    }
    Arrivals times = arrivals == null ? Arrivals.ONE_AFTER_THE_OTHER : readArrivals(arrivals);
    return new Experiment(
        Curve.named(curve).under(weather.weather()),
        new Costs(coldMs, restoreMs, checkpointMs, snapshotMb),
        arrivals == null ? requests : Math.min(requests, times.size()),
        evictEvery == null ? 4 : evictEvery,
        times,
        Math.round(idleSeconds * 1e9));
  }

  private static Arrivals readArrivals(Path file) {
    List<String> header = List.of("arrival_ms");
    List<double[]> rows = CsvTable.read(file, header);
    long[] nanos = new long[rows.size()];
    for (int i = 0; i < nanos.length; i++) {
      nanos[i] = Math.round(rows.get(i)[0] * 1e6);
      if (i > 0 && nanos[i] < nanos[i - 1]) {
        throw new InvalidFileException(
            file.toString(), i + 2, header.get(0), "it is before the one above", "Sort the times.");
      }
    }
    return new Arrivals(nanos);
  }
}
