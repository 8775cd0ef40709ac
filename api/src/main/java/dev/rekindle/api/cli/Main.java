package dev.rekindle.api.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The entry point of the verbs that are calls to a service: a list of them. */
@Command(name = "rekindle", subcommands = RecordCommand.class)
public final class Main {
  private Main() {}

  /** Runs a verb; exits with its code. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The command line, for programs that run a verb without exiting. */
  public static CommandLine commandLine() {
    return new CommandLine(new Main());
  }
}
