package dev.rekindle.orchestrator.simulator;

import dev.rekindle.api.PolicyChoice;
import dev.rekindle.orchestrator.policy.Policies;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rekindle simulate}: policies on a recorded curve or on a made-up fleet. */
@Command(
    name = "simulate",
    description = {
      "Runs the service's policies on recorded latencies, without processes.",
      "A process that lives longer than the curve draws from its last quarter, at most 100 values."
    },
    mixinStandardHelpOptions = true)
public final class SimulateCommand implements Callable<Integer> {
  @Mixin private CurveOptions options = new CurveOptions();

  @Option(
      names = "--policy",
      description = {
        "all, or names with commas (default: ${DEFAULT-VALUE}).",
        "With parameters: fixed:request=20,cold"
      })
  private String policy = "all";

  @Option(names = "--seed", description = "Start of all chance (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--runs",
      description = "Runs with other seeds; numbers are their medians (default: ${DEFAULT-VALUE}).",
      converter = Count.class)
  private int runs = 1;

  @Option(names = "--fleet", description = "Thousands of functions with Azure's statistics.")
  private boolean fleet;

  @Mixin private FleetOptions fleetOptions = new FleetOptions();

  @Mixin private OutputOption output = new OutputOption();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    CommandSpec command = Objects.requireNonNull(spec);
    try {
      Policies policies = new Policies();
      List<PolicyChoice> choices = PolicyArgument.parse(policy, policies);
      if (fleet) {
        return simulateFleet(command, policies, choices);
      }
      Experiment experiment = options.experiment();
      List<Experiment.Summary> summaries = new ArrayList<>();
      for (PolicyChoice choice : choices) {
        summaries.add(experiment.runs(policies, choice, seed, runs));
      }
      output.print(command, () -> text(experiment, summaries), () -> json(experiment, summaries));
      return 0;
    } catch (InvalidFileException | IllegalArgumentException e) {
      return OutputOption.refuse(command, e);
    }
  }

  private int simulateFleet(CommandSpec command, Policies policies, List<PolicyChoice> choices) {
    if (options.curve != null || options.arrivals != null) {
      throw new IllegalArgumentException("--fleet makes its own curves and arrivals");
    }
    FleetReport report = new FleetSimulation(fleetOptions.settings(seed), policies).run(choices);
    output.print(command, report::text, () -> report);
    return report.faithful() ? 0 : 1;
  }

  private Map<String, Object> json(Experiment experiment, List<Experiment.Summary> summaries) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("curve", experiment.curve().name());
    report.put("requests", experiment.requests());
    report.put("policies", summaries.stream().map(Experiment.Summary::median).toList());
    if (runs > 1) {
      report.put("runs", runs);
      Map<String, List<Double>> spread = new LinkedHashMap<>();
      summaries.forEach(
          each ->
              spread.put(
                  each.median().name(), List.of(each.lowTotalSeconds(), each.highTotalSeconds())));
      report.put("totalSecondsQuartiles", spread);
    }
    return report;
  }

  private String text(Experiment experiment, List<Experiment.Summary> summaries) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s: %d requests%n%n%-16s %9s %9s %9s %10s %6s %8s %6s %9s %9s%s%n",
            experiment.curve().name(),
            experiment.requests(),
            "policy",
            "median ms",
            "mean ms",
            "p99 ms",
            "total s",
            "ckpts",
            "restores",
            "cold",
            "stored MB",
            "moved MB",
            runs > 1 ? "   half of the runs" : ""));
    for (Experiment.Summary each : summaries) {
      Outcome o = each.median();
      text.append(
          String.format(
              Locale.ROOT,
              "%-16s %9.3f %9.3f %9.3f %10.3f %6d %8d %6d %9.0f %9.0f%s%n",
              o.name(),
              o.medianMs(),
              o.meanMs(),
              o.p99Ms(),
              o.totalSeconds(),
              o.checkpoints(),
              o.restores(),
              o.coldStarts(),
              o.storedMb(),
              o.movedMb(),
              runs > 1
                  ? String.format(
                      Locale.ROOT,
                      "   %.3f to %.3f s",
                      each.lowTotalSeconds(),
                      each.highTotalSeconds())
                  : ""));
    }
    return text.toString();
  }
}
