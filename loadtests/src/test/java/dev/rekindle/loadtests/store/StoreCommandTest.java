package dev.rekindle.loadtests.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.loadtests.Main;
import dev.rekindle.loadtests.run.SampleFunction;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoreCommandTest {
  private static StoreSettings parse(String... arguments) {
    String[] all =
        Stream.concat(Stream.of("bench", "store"), Arrays.stream(arguments)).toArray(String[]::new);
    var store = Main.commandLine().parseArgs(all).subcommand().subcommand();
    return ((StoreCommand) store.commandSpec().userObject()).settings();
  }

  @Test
  void settings_withoutArguments_areTheDefaults() {
    assertThat(parse())
        .isEqualTo(new StoreSettings(SampleFunction.PYTHON3, 500, 3, 5, 100, 10, 10));
  }

  @Test
  void settings_withAllArguments_holdThem() {
    assertThat(
            parse(
                "--runtime=python3",
                "--heap-mb=50",
                "--runs=7",
                "--latency-ms=0.5",
                "--bandwidth-mb=1000",
                "--functions=3",
                "--snapshots=4",
                "-o",
                "json"))
        .isEqualTo(new StoreSettings(SampleFunction.PYTHON3, 50, 7, 0.5, 1000, 3, 4));
  }

  @ParameterizedTest
  @CsvSource({
    "--heap-mb=0, '--heap-mb takes a number from 1 to 4096, not 0'",
    "--runs=0, '--runs takes a number from 1 to 1000, not 0'",
    "--latency-ms=-1, '--latency-ms takes a number from 0 to 1000, not -1'",
    "--latency-ms=NaN, '--latency-ms takes a number from 0 to 1000, not NaN'",
    "--bandwidth-mb=0, '--bandwidth-mb takes a number from 1 to 100000, not 0'",
    "--functions=0, '--functions takes a number from 1 to 100, not 0'",
    "--snapshots=101, '--snapshots takes a number from 1 to 100, not 101'",
    "--frobnicate, frobnicate",
  })
  void execute_withBadArgument_saysWhyAndExitsWith2(String argument, String message) {
    StringWriter err = new StringWriter();

    int exit = Main.commandLine().setErr(new PrintWriter(err)).execute("bench", "store", argument);

    assertThat(exit).isEqualTo(2);
    assertThat(err.toString()).contains(message);
  }
}
