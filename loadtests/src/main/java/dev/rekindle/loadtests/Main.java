package dev.rekindle.loadtests;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The entry point: a list of verbs. */
@Command(name = "rekindle", subcommands = BenchCommand.class)
public final class Main {
  private Main() {}

  /** Runs a verb; exits with its code. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The command line, which can be asked what it makes of its arguments. */
  public static CommandLine commandLine() {
    return new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true);
  }
}
