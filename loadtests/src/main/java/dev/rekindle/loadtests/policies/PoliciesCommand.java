package dev.rekindle.loadtests.policies;

import dev.rekindle.api.Json;
import dev.rekindle.loadtests.run.BenchmarkRun;
import dev.rekindle.loadtests.run.Cleanup;
import dev.rekindle.loadtests.run.RunningMedian;
import dev.rekindle.loadtests.start.StartCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code rekindle bench policies}: which policy serves real functions best. */
@Command(
    name = "policies",
    description =
        "Invokes real functions under each policy, with evictions, and holds their latencies"
            + " against each other.",
    mixinStandardHelpOptions = true)
public final class PoliciesCommand implements Callable<Integer> {
  /** The running median of a plot takes in this part of all requests, on each side of one. */
  private static final int PLOTTED_PARTS = 60;

  @Option(
      names = "--runtime",
      description = "Runtimes, with commas between them (default: ${DEFAULT-VALUE}).")
  private String runtimes = "python3,nodejs,java";

  @Option(
      names = "--policy",
      description =
          "Policies, with commas between them, such as adaptive,fixed:request=20; or all"
              + " (default: ${DEFAULT-VALUE}).")
  private String policies = PoliciesSettings.ALL;

  @Option(
      names = "--requests",
      description = "Invocations of each function under each policy (default: ${DEFAULT-VALUE}).")
  private int requests = 200;

  @Option(
      names = "--evict-every",
      description =
          "After how many of these all instances are evicted (default: ${DEFAULT-VALUE}).")
  private int evictEvery = 20;

  @Option(names = "--plot", description = "Draw latencies over requests into this SVG file.")
  private @Nullable Path plot;

  @Option(
      names = {"-o", "--output"},
      description = "text or json (default: ${DEFAULT-VALUE}).")
  private StartCommand.Output output = StartCommand.Output.TEXT;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    PoliciesSettings settings = settings();
    return BenchmarkRun.of("policies", cleanup -> run(settings, cleanup));
  }

  private void run(PoliciesSettings settings, Cleanup cleanup) throws IOException {
    PoliciesReport report = new PoliciesBenchmark(settings, cleanup, InstantSource.system()).run();
    switch (output) {
      case TEXT -> System.out.print(PoliciesTextReport.of(report));
      case JSON -> System.out.println(new String(Json.write(report), StandardCharsets.UTF_8));
    }
    if (plot != null) {
      draw(report, plot);
    }
  }

  private static void draw(PoliciesReport report, Path file) throws IOException {
    int reach = Math.max(2, report.requests() / PLOTTED_PARTS);
    List<LatencyPlot.Panel> panels =
        report.functions().stream()
            .map(
                trials ->
                    new LatencyPlot.Panel(
                        trials.runtime() + ": " + trials.about(),
                        trials.policies().stream()
                            .map(
                                row ->
                                    new LatencyPlot.Series(
                                        row.policy(),
                                        RunningMedian.of(row.latenciesMs(), reach),
                                        firsts(row)))
                            .toList()))
            .toList();
    Path whole = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(whole, LatencyPlot.svg(panels));
    Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static List<LatencyPlot.Dot> firsts(PoliciesReport.Row row) {
    return row.firstRequests().stream()
        .map(request -> new LatencyPlot.Dot(request, row.latenciesMs().get(request - 1)))
        .toList();
  }

  /** What was asked for, checked; a plot that could not be written is better known before. */
  PoliciesSettings settings() {
    try {
      if (plot != null) {
        plot = plot.toAbsolutePath();
        if (Files.isDirectory(plot)
            || !Files.isWritable(Objects.requireNonNull(plot.getParent()))) {
          throw new IllegalArgumentException("--plot names a file that cannot be written: " + plot);
        }
      }
      return new PoliciesSettings(
          PoliciesSettings.functions(runtimes),
          PoliciesSettings.policies(policies),
          requests,
          evictEvery);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(), String.valueOf(e.getMessage()));
    }
  }
}
