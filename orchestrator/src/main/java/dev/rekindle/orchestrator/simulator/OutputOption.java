package dev.rekindle.orchestrator.simulator;

import dev.rekindle.api.Json;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** How the simulator's commands answer: a table or JSON, and a line where they refuse. */
final class OutputOption {
  private static final int REFUSED = 2;

  private enum Output {
    TEXT,
    JSON
  }

  @Option(
      names = {"-o", "--output"},
      description = "text or json (default: ${DEFAULT-VALUE}).")
  private Output output = Output.TEXT;

  /** Prints a report in the wanted form. */
  void print(CommandSpec command, Supplier<String> text, Supplier<Object> json) {
    PrintWriter out = command.commandLine().getOut();
    out.print(
        output == Output.JSON
            ? new String(Json.write(json.get()), StandardCharsets.UTF_8) + "\n"
            : text.get());
    out.flush();
  }

  /** Says what is wrong with the input; the exit code of that. */
  static int refuse(CommandSpec command, RuntimeException why) {
    PrintWriter err = command.commandLine().getErr();
    err.println(command.qualifiedName() + ": " + why.getMessage());
    err.flush();
    return REFUSED;
  }
}
