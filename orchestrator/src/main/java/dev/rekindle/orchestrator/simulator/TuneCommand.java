package dev.rekindle.orchestrator.simulator;

import dev.rekindle.api.PolicyChoice;
import dev.rekindle.orchestrator.policy.Policies;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rekindle tune}: searches a policy's parameters on a recorded curve. */
@Command(
    name = "tune",
    description = {
      "Searches a policy's parameters for the least total of latencies and checkpoints,",
      "and checks what it found on fresh seeds and resampled curves."
    },
    mixinStandardHelpOptions = true)
public final class TuneCommand implements Callable<Integer> {
  @Mixin private CurveOptions options = new CurveOptions();

  @Option(names = "--policy", required = true, description = "The policy to tune.")
  private String policy = "";

  @Option(
      names = "--trials",
      description = "How many sets of parameters are tried (default: ${DEFAULT-VALUE}).",
      converter = Count.class)
  private int trials = 60;

  @Option(
      names = "--runs",
      description = "Runs of each trial and of the check (default: ${DEFAULT-VALUE}).",
      converter = Count.class)
  private int runs = 5;

  @Option(names = "--seed", description = "Start of all chance (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    CommandSpec command = Objects.requireNonNull(spec);
    try {
      Policies policies = new Policies();
      PolicyChoice plain = PolicyArgument.parseOne(policy, policies);
      Tuning tuning = new Tuning(options.experiment(), policies, plain, seed);
      PrintWriter out = command.commandLine().getOut();
      out.print(text(tuning.search(trials, runs)));
      out.flush();
      return 0;
    } catch (InvalidFileException | IllegalArgumentException e) {
      return OutputOption.refuse(command, e);
    }
  }

  private static String text(Tuning.Result found) {
    return String.format(
        Locale.ROOT,
        "best of %d trials: %s%n"
            + "total: %.3f s instead of %.3f s, %.2f %% less on fresh seeds and resampled curves (%d runs)%n"
            + "how sure: better in %d of %d runs, by %.2f %% to %.2f %%; chance alone would do as"
            + " well with probability %.3f%n%s%n",
        found.trials(),
        PolicyArgument.text(found.best()),
        found.tunedSeconds(),
        found.plainSeconds(),
        100 * (1 - found.tunedSeconds() / found.plainSeconds()),
        found.runs(),
        found.better(),
        found.runs(),
        100 * found.leastGain(),
        100 * found.mostGain(),
        found.chance(),
        found.best().parameters().equals(found.plain().parameters())
            ? "Nothing found is better than the parameters given."
            : found.chance() <= 0.05
                ? "On this curve the difference is real. Another curve may want other values."
                : "That may well be chance: keep the parameters given, or try more runs.");
  }
}
