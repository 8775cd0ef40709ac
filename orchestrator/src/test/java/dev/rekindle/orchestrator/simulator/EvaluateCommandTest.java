package dev.rekindle.orchestrator.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class EvaluateCommandTest {
  @TempDir private Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int execute(Object command, String line) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return new CommandLine(command)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(line.split(" "));
  }

  private JsonNode json(Object command, String line) throws IOException {
    assertThat(execute(command, line + " -o json")).as(err.toString()).isZero();
    return Json.mapper().readTree(out.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " --noise 0.3 --spells 0.2 --spell-requests 40 --drift 2 --drift-requests 100"
            + " --settling 1.5 --settling-requests 6"
      })
  void eachCase_isWhatItsCommandShows(String weather) throws IOException {
    String line = "made-up:steps:3 made-up:noisy:2 --requests 600 --cost-sets 2" + weather;
    JsonNode report = json(new EvaluateCommand(), line);
    assertThat(report.get("cases").asInt()).isEqualTo(2 * 3 * 2);
    for (JsonNode result : report.get("results")) {
      String command = result.get("command").asText();
      assertThat(command).startsWith("./rekindle simulate ").contains(weather);
      JsonNode policies =
          json(new SimulateCommand(), command.substring("./rekindle simulate ".length()))
              .get("policies");
      int last = policies.size() - 1;
      assertThat(policies.get(0).get("totalSeconds").asDouble())
          .isCloseTo(result.get("totalSeconds").asDouble(), within(1e-9));
      assertThat(policies.get(1).get("checkpoints").asLong())
          .isEqualTo(result.get("requestCentricCheckpoints").asLong());
      assertThat(policies.get(last).get("totalSeconds").asDouble())
          .isCloseTo(result.get("bestFixedSeconds").asDouble(), within(1e-9));
    }
  }

  @Test
  void targets_areCountedFromTheCases() throws IOException {
    JsonNode report =
        json(
            new EvaluateCommand(),
            "--made-up 1 --requests 400 --evict-every 4 --cost-sets 2 --worst 2");
    JsonNode lowest = report.get("targets").get(0);
    int met = 0;
    double most = 0;
    for (JsonNode result : report.get("results")) {
      double ratio =
          result.get("totalSeconds").asDouble() / result.get("bestOtherSeconds").asDouble();
      met += ratio <= 1 + 1e-9 ? 1 : 0;
      most = Math.max(most, ratio);
    }
    assertThat(lowest.get("met").asInt()).isEqualTo(met);
    assertThat(lowest.get("ratios").get("most").asDouble()).isCloseTo(most, within(1e-12));
    assertThat(lowest.get("worst").get(0).get("ratio").asDouble()).isCloseTo(most, within(1e-12));
    assertThat(lowest.get("worst")).hasSize(2);
  }

  @Test
  void sameSeed_givesTheSameReport_howeverManyThreads() throws IOException {
    String line = "--made-up 1 --requests 300 --cost-sets 2 --seed ";
    JsonNode one = json(new EvaluateCommand(), line + "7 --threads 1");
    JsonNode other = json(new EvaluateCommand(), line + "7 --threads 3");
    assertThat(one).isEqualTo(other);
    JsonNode fresh = json(new EvaluateCommand(), line + "8");
    assertThat(fresh.get("results")).isNotEqualTo(one.get("results"));
  }

  @Test
  void directories_areReadAndAnyOtherPolicyCanBeJudged() throws IOException {
    Files.writeString(directory.resolve("b.csv"), "request,latency_us\n1,9000\n2,8000\n");
    Files.writeString(directory.resolve("a.csv"), "request,latency_us\n1,5000\n");
    Files.writeString(directory.resolve("notes.txt"), "no curve");
    JsonNode report =
        json(
            new EvaluateCommand(),
            directory + " --policy fixed:request=2 --requests 100 --cost-sets 1");
    assertThat(report.get("policy").asText()).isEqualTo("fixed:request=2");
    assertThat(report.get("results").findValuesAsText("curve"))
        .containsAll(List.of(directory + "/a.csv", directory + "/b.csv"))
        .hasSize(6);
    assertThat(execute(new EvaluateCommand(), directory + " --requests 100")).isZero();
    assertThat(out.toString()).contains("adaptive in 24 cases").contains("./rekindle simulate");
  }

  @Test
  void badInput_isNamed() throws IOException {
    refused("", "name files or directories, or ask for --made-up 10");
    refused(directory.toString(), "it holds no *.csv");
    refused(directory + "/none.csv", "there is no such file");
    refused("made-up:lat:7", "'made-up:lat:7' names no curve");
    refused("made-up:late:x", "one of flat, falling, late");
    refused("--made-up 1 --policy cold,fixed", "takes one name");
    refused("--made-up 1 --policy adaptve", "Did you mean 'adaptive'");
    refused("--made-up 1 --noise 3", "--noise is 3: write a number from 0 to 2");
    refused("--made-up 1 --drift 101", "--drift is 101: write a number from 0 to 100");
    refused("--made-up 1 --evict-every 4,0", "'0' is no whole number from 1");
    refused("--made-up -1", "'-1' is no whole number from 0");
  }

  private void refused(String line, String message) {
    int code =
        line.isEmpty()
            ? new CommandLine(new EvaluateCommand()).setErr(new PrintWriter(err, true)).execute()
            : execute(new EvaluateCommand(), line);
    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains(message);
    assertThat(out.toString()).isEmpty();
  }
}
