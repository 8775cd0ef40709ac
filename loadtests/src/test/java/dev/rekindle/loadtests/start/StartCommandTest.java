package dev.rekindle.loadtests.start;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.loadtests.Main;
import dev.rekindle.loadtests.run.SampleFunction;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class StartCommandTest {
  private static StartSettings parse(String... arguments) {
    String[] all = new String[arguments.length + 2];
    all[0] = "bench";
    all[1] = "start";
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    CommandLine.ParseResult start = Main.commandLine().parseArgs(all).subcommand().subcommand();
    return ((StartCommand) start.commandSpec().userObject()).settings();
  }

  @Test
  void settings_withoutArguments_areTheDefaults() {
    assertThat(parse()).isEqualTo(new StartSettings(SampleFunction.PYTHON3, 50, 20, 0, null));
  }

  @Test
  void settings_withAllArguments_holdThem() {
    assertThat(
            parse(
                "--runtime",
                "python3",
                "--heap-mb=500",
                "--runs",
                "7",
                "--clones",
                "100",
                "--url",
                "http://localhost:8080",
                "-o",
                "json"))
        .isEqualTo(
            new StartSettings(
                SampleFunction.PYTHON3, 500, 7, 100, URI.create("http://localhost:8080")));
  }

  @ParameterizedTest
  @CsvSource({
    "--heap-mb=0, '--heap-mb takes a number from 1 to 4096, not 0'",
    "--runs=0, '--runs takes a number from 1 to 10000, not 0'",
    "--clones=1001, '--clones takes a number from 0 to 1000, not 1001'",
    "--runtime=cobol, '--runtime takes one of python3, nodejs, java, not cobol'",
    "--url=localhost, '--url takes an address such as http://localhost:8080'",
    "--runs=many, many",
    "--output=xml, xml",
    "--frobnicate, frobnicate",
  })
  void execute_withBadArgument_saysWhyAndExitsWith2(String argument, String message) {
    StringWriter err = new StringWriter();

    int exit = Main.commandLine().setErr(new PrintWriter(err)).execute("bench", "start", argument);

    assertThat(exit).isEqualTo(2);
    assertThat(err.toString()).contains(message);
  }
}
