package dev.rekindle.loadtests.policies;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.api.PolicyChoice;
import dev.rekindle.loadtests.Main;
import dev.rekindle.loadtests.run.HeavyFunction;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class PoliciesCommandTest {
  private static PoliciesSettings parse(String... arguments) {
    String[] all = new String[arguments.length + 2];
    all[0] = "bench";
    all[1] = "policies";
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    CommandLine.ParseResult verb = Main.commandLine().parseArgs(all).subcommand().subcommand();
    return ((PoliciesCommand) verb.commandSpec().userObject()).settings();
  }

  @Test
  void settings_withoutArguments_areTheDefaults() {
    assertThat(parse()).isEqualTo(new PoliciesSettings(HeavyFunction.all(), List.of(), 200, 20));
  }

  @Test
  void settings_withAllArguments_holdThem() {
    assertThat(
            parse(
                "--runtime=java, python3",
                "--policy=cold,fixed:request=20,adaptive:surprise=0.5",
                "--requests=7",
                "--evict-every",
                "3",
                "-o",
                "json"))
        .isEqualTo(
            new PoliciesSettings(
                List.of(HeavyFunction.JAVA, HeavyFunction.PYTHON3),
                List.of(
                    new PolicyChoice("cold", Map.of()),
                    new PolicyChoice("fixed", Map.of("request", 20L)),
                    new PolicyChoice("adaptive", Map.of("surprise", 0.5))),
                7,
                3));
  }

  @ParameterizedTest
  @CsvSource({
    "--requests=0, '--requests takes a number from 1 to 1000000, not 0'",
    "--evict-every=-1, '--evict-every takes a number from 1 to 1000000, not -1'",
    "--runtime=cobol, '--runtime takes some of python3, nodejs, java, not cobol'",
    "--policy=fixed:20, 'not fixed:20'",
    "--plot=/nowhere/plot.svg, '--plot names a file that cannot be written: /nowhere/plot.svg'",
    "--plot=/tmp, '--plot names a file that cannot be written: /tmp'",
    "--frobnicate, frobnicate",
  })
  void execute_withBadArgument_saysWhyAndExitsWith2(String argument, String message) {
    StringWriter err = new StringWriter();

    int exit =
        Main.commandLine().setErr(new PrintWriter(err)).execute("bench", "policies", argument);

    assertThat(exit).isEqualTo(2);
    assertThat(err.toString()).contains(message);
  }
}
