package dev.rekindle.loadtests.start;

import dev.rekindle.api.Json;
import dev.rekindle.loadtests.run.BenchmarkRun;
import dev.rekindle.loadtests.run.Cleanup;
import dev.rekindle.loadtests.run.JsonReport;
import dev.rekindle.loadtests.run.Report;
import dev.rekindle.loadtests.run.SampleFunction;
import dev.rekindle.loadtests.run.TextReport;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code rekindle bench start}: how soon a function answers, however it is started. */
@Command(
    name = "start",
    description = "Measures the first response of every kind of start, in turns.",
    mixinStandardHelpOptions = true)
public final class StartCommand implements Callable<Integer> {
  /** How a report is printed. */
  public enum Output {
    /** A table to read. */
    TEXT,
    /** One JSON object. */
    JSON
  }

  @Option(names = "--runtime", description = "The runtime (default: ${DEFAULT-VALUE}).")
  private String runtime = SampleFunction.PYTHON3.runtime();

  @Option(
      names = "--heap-mb",
      description = "Size of the function's heap in MB (default: ${DEFAULT-VALUE}).")
  private int heapMb = 50;

  @Option(names = "--runs", description = "Measurements of each mode (default: ${DEFAULT-VALUE}).")
  private int runs = 20;

  @Option(names = "--clones", description = "Also start this many clones of one snapshot at once.")
  private int clones = 0;

  @Option(names = "--url", description = "A running service to measure, not one of our own.")
  private @Nullable URI url;

  @Option(
      names = {"-o", "--output"},
      description = "text or json (default: ${DEFAULT-VALUE}).")
  private Output output = Output.TEXT;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    StartSettings settings = settings();
    return BenchmarkRun.of("start", cleanup -> run(settings, cleanup));
  }

  private void run(StartSettings settings, Cleanup cleanup) throws IOException {
    print(new StartBenchmark(settings, cleanup, InstantSource.system()).run());
  }

  private void print(Report report) {
    switch (output) {
      case TEXT -> System.out.print(TextReport.of(report));
      case JSON ->
          System.out.println(new String(Json.write(JsonReport.of(report)), StandardCharsets.UTF_8));
    }
  }

  /** What was asked for, checked. */
  StartSettings settings() {
    try {
      return new StartSettings(SampleFunction.named(runtime), heapMb, runs, clones, url);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          java.util.Objects.requireNonNull(spec).commandLine(), String.valueOf(e.getMessage()));
    }
  }
}
