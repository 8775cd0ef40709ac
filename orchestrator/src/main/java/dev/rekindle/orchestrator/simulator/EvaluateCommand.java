package dev.rekindle.orchestrator.simulator;

import dev.rekindle.api.PolicyChoice;
import dev.rekindle.orchestrator.policy.Policies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rekindle evaluate}: judges a policy against all others on many curves. */
@Command(
    name = "evaluate",
    description = {
      "Judges a policy against all others and the best fixed choice in hindsight,",
      "on each curve with each length of lives and each set of costs."
    },
    mixinStandardHelpOptions = true)
public final class EvaluateCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..*",
      paramLabel = "CURVE",
      description =
          "A CSV with header request,latency_us, a directory of such, or made-up:SHAPE:SEED.")
  private List<String> curves = List.of();

  @Option(
      names = "--made-up",
      description = "So many made-up curves of each shape besides (default: ${DEFAULT-VALUE}).",
      converter = Count.OrNone.class)
  private int madeUp;

  @Option(
      names = "--policy",
      description = "The policy to judge, with parameters if wanted (default: ${DEFAULT-VALUE}).")
  private String policy = "adaptive";

  @Option(
      names = "--requests",
      description = "How many requests come (default: ${DEFAULT-VALUE}).",
      converter = Count.class)
  private int requests = 5_000;

  @Option(
      names = "--evict-every",
      split = ",",
      description = "Instances are evicted after so many requests (default: 1,4,20).",
      converter = Count.class)
  private List<Integer> evictEvery = List.of(1, 4, 20);

  @Option(
      names = "--cost-sets",
      description = {
        "So many sets of costs (default: ${DEFAULT-VALUE}): that of simulate, then drawn ones,",
        "boots of 70 to 3000 ms, restores of 5 to 100, checkpoints of 50 to 1000."
      },
      converter = Count.class)
  private int costSets = 4;

  @Option(
      names = "--seed",
      description =
          "Start of all chance, costs and made-up curves included (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--runs",
      description = "Each case with so many seeds (default: ${DEFAULT-VALUE}).",
      converter = Count.class)
  private int runs = 1;

  @Option(
      names = "--worst",
      description =
          "How many of the worst cases are shown for each target (default: ${DEFAULT-VALUE}).",
      converter = Count.OrNone.class)
  private int worst = 5;

  @Option(
      names = "--threads",
      description = "Cases that run at one time (default: one for each core).",
      converter = Count.class)
  private int threads = Runtime.getRuntime().availableProcessors();

  @Mixin private WeatherOptions weather = new WeatherOptions();

  @Mixin private OutputOption output = new OutputOption();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    CommandSpec command = Objects.requireNonNull(spec);
    try {
      PolicyChoice judged = PolicyArgument.parseOne(policy, new Policies());
      Evaluation evaluation =
          new Evaluation(
              judged,
              curveArguments(),
              evictEvery,
              Evaluation.drawCosts(costSets, seed),
              weather.weather(),
              requests,
              seed,
              runs);
      EvaluationReport report = new EvaluationReport(judged, evaluation.run(threads), worst);
      output.print(command, report::text, report::json);
      return 0;
    } catch (InvalidFileException | IllegalArgumentException e) {
      return OutputOption.refuse(command, e);
    }
  }

  /** The files, those in directories, and the made-up ones. */
  private List<String> curveArguments() {
    List<String> found = new ArrayList<>();
    for (String argument : curves) {
      if (!argument.startsWith(MadeUpCurves.PREFIX) && Files.isDirectory(Path.of(argument))) {
        found.addAll(filesIn(Path.of(argument)));
      } else {
        found.add(argument);
      }
    }
    for (MadeUpCurves.Shape shape : MadeUpCurves.Shape.values()) {
      for (int i = 0; i < madeUp; i++) {
        found.add(MadeUpCurves.name(shape, seed + i));
      }
    }
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "there is nothing to judge on: name files or directories, or ask for --made-up 10");
    }
    return found;
  }

  private static List<String> filesIn(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      List<String> found =
          files.map(Path::toString).filter(each -> each.endsWith(".csv")).sorted().toList();
      if (found.isEmpty()) {
        throw new InvalidFileException(
            directory.toString(), "it holds no *.csv", "Name a directory with curves.");
      }
      return found;
    } catch (IOException e) {
      throw new InvalidFileException(
          directory.toString(), "it cannot be read: " + e.getMessage(), "Mend that.");
    }
  }
}
