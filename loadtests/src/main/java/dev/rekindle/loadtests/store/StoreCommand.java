package dev.rekindle.loadtests.store;

import dev.rekindle.api.Json;
import dev.rekindle.loadtests.run.BenchmarkRun;
import dev.rekindle.loadtests.run.Cleanup;
import dev.rekindle.loadtests.run.SampleFunction;
import dev.rekindle.loadtests.start.StartCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code rekindle bench store}: what it takes to keep snapshots elsewhere and use them here. */
@Command(
    name = "store",
    description =
        "Measures nodes that share an S3 store over a link: first responses from a cold cache,"
            + " uploads, and what is stored.",
    mixinStandardHelpOptions = true)
public final class StoreCommand implements Callable<Integer> {
  @Option(names = "--runtime", description = "The runtime (default: ${DEFAULT-VALUE}).")
  private String runtime = SampleFunction.PYTHON3.runtime();

  @Option(
      names = "--heap-mb",
      description = "Size of the function's heap in MB (default: ${DEFAULT-VALUE}).")
  private int heapMb = 500;

  @Option(names = "--runs", description = "Measurements of each mode (default: ${DEFAULT-VALUE}).")
  private int runs = 3;

  @Option(
      names = "--latency-ms",
      description = "Time to the store and back in ms (default: ${DEFAULT-VALUE}).")
  private double latencyMs = 5;

  @Option(
      names = "--bandwidth-mb",
      description = "What the link carries in MB a second (default: ${DEFAULT-VALUE}).")
  private double bandwidthMb = 100;

  @Option(
      names = "--functions",
      description = "Functions of one runtime to store (default: ${DEFAULT-VALUE}).")
  private int functions = 10;

  @Option(
      names = "--snapshots",
      description = "Successive snapshots of one function to store (default: ${DEFAULT-VALUE}).")
  private int snapshots = 10;

  @Option(
      names = {"-o", "--output"},
      description = "text or json (default: ${DEFAULT-VALUE}).")
  private StartCommand.Output output = StartCommand.Output.TEXT;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    StoreSettings settings = settings();
    return BenchmarkRun.of("store", cleanup -> run(settings, cleanup));
  }

  private void run(StoreSettings settings, Cleanup cleanup) throws IOException {
    StoreReport report = new StoreBenchmark(settings, cleanup, InstantSource.system()).run();
    switch (output) {
      case TEXT -> System.out.print(StoreTextReport.of(report));
      case JSON -> System.out.println(new String(Json.write(report), StandardCharsets.UTF_8));
    }
  }

  /** What was asked for, checked. */
  StoreSettings settings() {
    try {
      return new StoreSettings(
          SampleFunction.named(runtime),
          heapMb,
          runs,
          latencyMs,
          bandwidthMb,
          functions,
          snapshots);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(), String.valueOf(e.getMessage()));
    }
  }
}
