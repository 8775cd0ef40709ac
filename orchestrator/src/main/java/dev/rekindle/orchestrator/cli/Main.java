package dev.rekindle.orchestrator.cli;

import dev.rekindle.orchestrator.simulator.EvaluateCommand;
import dev.rekindle.orchestrator.simulator.SimulateCommand;
import dev.rekindle.orchestrator.simulator.TuneCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The entry point: a list of verbs. */
@Command(
    name = "rekindle",
    description = "Hot starts for serverless functions.",
    subcommands = {
      ServeCommand.class,
      DemoCommand.class,
      StoreCommand.class,
      SimulateCommand.class,
      TuneCommand.class,
      EvaluateCommand.class
    })
public final class Main {
  private Main() {}

  /** One line an event: time, level, message. */
  private static final String LOG_FORMAT = "%1$tFT%1$tT.%1$tL %4$s %5$s%6$s%n";

  /** Runs a verb; exits with its code. */
  public static void main(String[] args) {
    if (System.getProperty("java.util.logging.SimpleFormatter.format") == null) {
      System.setProperty("java.util.logging.SimpleFormatter.format", LOG_FORMAT);
    }
    System.exit(
        new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }
}
