package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.orchestrator.simulator.SimulateCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code rekindle record} against a real service. */
class RecordCommandTest {
  private static TestService service;
  @TempDir private Path directory;
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void start() throws Exception {
    service = TestService.start();
    service.deploy("f", Sample.cold());
  }

  @AfterAll
  static void close() throws Exception {
    service.close();
  }

  private int record(Object... arguments) {
    List<String> words = new ArrayList<>(List.of("record"));
    Stream.of(arguments).map(String::valueOf).forEach(words::add);
    err.getBuffer().setLength(0);
    return dev.rekindle.api.cli.Main.commandLine()
        .setErr(new PrintWriter(err, true))
        .execute(words.toArray(String[]::new));
  }

  private List<Path> files() throws Exception {
    try (Stream<Path> all = Files.list(directory)) {
      return all.toList();
    }
  }

  @Test
  void record_aCurve_goesIntoSimulate() throws Exception {
    Path out = directory.resolve("f.csv");
    int exit =
        record(
            "f",
            "--requests=20",
            "--out=" + out,
            "--url=" + service.url(),
            "--event={}",
            "--event={\"do\":\"fail\"}");
    assertThat(exit).as(err.toString()).isZero();
    assertThat(err.toString()).contains("10 of 20 requests", "10 of 20 requests with an error");
    List<String> lines = Files.readAllLines(out);
    assertThat(lines).hasSize(21);
    assertThat(lines.get(0)).isEqualTo("request,latency_us");
    assertThat(lines.get(20)).matches("20,\\d+");
    assertThat(files()).containsExactly(out);
    int simulated =
        new CommandLine(new SimulateCommand())
            .setOut(new PrintWriter(new StringWriter()))
            .execute("--curve=" + out, "--policy=cold", "--requests=30", "--cold-ms=5");
    assertThat(simulated).isZero();

    // What curl writes to a file does, too.
    byte[] reply =
        service.http().json("POST", "/v1/functions/f/recordings", "{'requests':3}").body();
    Path raw = Files.write(directory.resolve("raw.csv"), reply);
    assertThat(Files.readString(raw)).endsWith("# failed=0\n");
    assertThat(
            new CommandLine(new SimulateCommand())
                .setOut(new PrintWriter(new StringWriter()))
                .execute("--curve=" + raw, "--policy=cold", "--requests=30", "--cold-ms=5"))
        .isZero();
  }

  @Test
  void record_eventsOfAFile_takeTurns() throws Exception {
    Path events = Files.writeString(directory.resolve("events.json"), "[{\"do\":\"fail\"},{},{}]");
    Path out = directory.resolve("f.csv");
    assertThat(
            record(
                "f",
                "--requests=6",
                "--out=" + out,
                "--url=" + service.url(),
                "--events=" + events))
        .isZero();
    assertThat(err.toString()).contains("answered 2 of 6 requests with an error");
  }

  @Test
  void record_cannot_saysWhyAndLeavesNoFile() throws Exception {
    Path out = directory.resolve("f.csv");
    String url = "--url=" + service.url();
    assertThat(record("none", "--requests=1", "--out=" + out, url)).isEqualTo(1);
    assertThat(err.toString()).contains("There is no function 'none'");
    assertThat(record("f", "--requests=3", "--out=" + out, url, "--event={\"do\":\"die\"}"))
        .isEqualTo(1);
    assertThat(err.toString()).contains("process ended with");
    assertThat(record("f", "--requests=1", "--out=" + out, "--url=http://127.0.0.1:1"))
        .isEqualTo(1);
    assertThat(err.toString()).contains("Check that the service runs there");
    assertThat(record("f", "--requests=1", "--out=" + directory + "/no/f.csv", url)).isEqualTo(1);
    assertThat(err.toString()).contains("no/f.csv cannot be written");
    assertThat(record("f", "--requests=1", "--out=" + directory, url)).isEqualTo(1);
    assertThat(err.toString()).contains("it is a directory");
    assertThat(files()).isEmpty();
    Files.writeString(out, "kept");
    assertThat(record("f", "--requests=2", "--out=" + out, url, "--event={\"do\":\"die\"}"))
        .isEqualTo(1);
    assertThat(out).hasContent("kept");
  }

  @Test
  void record_badArguments_exitWith2() throws Exception {
    String out = "--out=" + directory.resolve("f.csv");
    String url = "--url=" + service.url();
    for (List<String> bad :
        List.of(
            List.of("f", out, url),
            List.of("f", "--requests=1", url),
            List.of("f", "--requests=0", out, url),
            List.of("f", "--requests=100001", out, url),
            List.of("f", "--requests=1", out, url, "--event={"),
            List.of("f", "--requests=1", out, url, "--event="),
            List.of("f", "--requests=1", out, url, "--events=/none"),
            List.of("f", "--requests=1", out, url, "--event={}", "--events=/none"),
            List.of("../f", "--requests=1", out, url),
            List.of("f", "--requests=1", out, "--url=localhost:8080"))) {
      assertThat(record(bad.toArray())).as(bad.toString()).isEqualTo(2);
      assertThat(err.toString()).as(bad.toString()).isNotBlank();
    }
    assertThat(files()).isEmpty();
  }
}
