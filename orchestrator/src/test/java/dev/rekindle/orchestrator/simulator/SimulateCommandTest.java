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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SimulateCommandTest {
  @TempDir private Path directory;
  private Path curve;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void writeCurve() throws IOException {
    curve = file("request,latency_us\n1,30000\n2,10000\n3,5000\n4,4000\n");
  }

  private Path file(String text) throws IOException {
    return Files.writeString(Files.createTempFile(directory, "curve", ".csv"), text);
  }

  private int simulate(Object... arguments) {
    return execute(new SimulateCommand(), arguments);
  }

  private int execute(Object command, Object... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    List<String> words = new ArrayList<>();
    for (Object argument : arguments) {
      words.add(String.valueOf(argument));
    }
    return new CommandLine(command)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(words.toArray(String[]::new));
  }

  private JsonNode json(Object... arguments) throws IOException {
    List<Object> all = new ArrayList<>(List.of("--curve", curve, "-o", "json"));
    Collections.addAll(all, arguments);
    assertThat(simulate(all.toArray())).as(err.toString()).isZero();
    return Json.mapper().readTree(out.toString());
  }

  @Test
  void cold_paysABootForEachLife() throws IOException {
    JsonNode report =
        json("--policy", "cold", "--requests", 8, "--evict-every", 2, "--cold-ms", 100);
    assertThat(report.get("curve").asText()).endsWith(".csv");
    assertThat(report.get("requests").asInt()).isEqualTo(8);
    JsonNode cold = report.get("policies").get(0);
    assertThat(cold.get("coldStarts").asInt()).isEqualTo(4);
    // Four lives of 130 ms and 10 ms.
    assertThat(cold.get("totalSeconds").asDouble()).isCloseTo(0.560, within(1e-9));
    assertThat(cold.get("meanMs").asDouble()).isCloseTo(70, within(1e-9));
    assertThat(cold.get("medianMs").asDouble()).isCloseTo(10, within(1e-9));
    assertThat(cold.get("p99Ms").asDouble()).isCloseTo(130, within(1e-9));
    assertThat(fields(cold))
        .containsExactly(
            "name",
            "medianMs",
            "meanMs",
            "p99Ms",
            "totalSeconds",
            "checkpoints",
            "restores",
            "coldStarts",
            "storedMb",
            "movedMb");
    assertThat(fields(report)).containsExactly("curve", "requests", "policies");
  }

  private static List<String> fields(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void afterFirst_paysOneBootOneCheckpointAndRestores() throws IOException {
    JsonNode policy =
        json(
                "--policy",
                "after-first",
                "--requests",
                6,
                "--evict-every",
                2,
                "--cold-ms",
                100,
                "--restore-ms",
                7,
                "--checkpoint-ms",
                50,
                "--snapshot-mb",
                10)
            .get("policies")
            .get(0);
    // 130 + 10, then twice (7 + 10) + 5, and a checkpoint of 50.
    assertThat(policy.get("totalSeconds").asDouble()).isCloseTo(0.234, within(1e-9));
    assertThat(policy.get("restores").asInt()).isEqualTo(2);
    assertThat(policy.get("checkpoints").asInt()).isEqualTo(1);
    assertThat(policy.get("storedMb").asDouble()).isEqualTo(10);
    assertThat(policy.get("movedMb").asDouble()).isEqualTo(30);
  }

  @Test
  void fixed_withParameter_goesInSteps() throws IOException {
    JsonNode policy =
        json(
                "--policy",
                "fixed:request=3",
                "--requests",
                4,
                "--evict-every",
                1,
                "--cold-ms",
                100,
                "--restore-ms",
                7,
                "--checkpoint-ms",
                1)
            .get("policies")
            .get(0);
    // 130, 17, 12, then from request 3: 11; three checkpoints.
    assertThat(policy.get("totalSeconds").asDouble()).isCloseTo(0.173, within(1e-9));
  }

  @Test
  void all_runsEveryPolicyAndTheSameSeedGivesTheSame() throws IOException {
    JsonNode first = json("--policy", "all", "--requests", 2000, "--seed", 5);
    JsonNode again = json("--policy", "all", "--requests", 2000, "--seed", 5);
    assertThat(first).isEqualTo(again);
    assertThat(first.get("policies").findValuesAsText("name"))
        .contains("adaptive", "after-first", "after-init", "cold", "fixed", "keep-alive")
        .contains("on-evict", "request-centric");
  }

  @Test
  void runs_addTheSpread() throws IOException {
    JsonNode report = json("--policy", "request-centric", "--requests", 700, "--runs", 9);
    JsonNode spread = report.get("totalSecondsQuartiles").get("request-centric");
    double median = report.get("policies").get(0).get("totalSeconds").asDouble();
    assertThat(median).isBetween(spread.get(0).asDouble(), spread.get(1).asDouble());
    assertThat(spread.get(0).asDouble()).isLessThan(spread.get(1).asDouble());
  }

  @Test
  void arrivals_decideWhoFindsAWarmInstance() throws IOException {
    // Two at once, one while they are warm, one long after.
    Path times = file("arrival_ms\n0\n1\n5000\n500000\n");
    JsonNode policy =
        json("--policy", "cold", "--arrivals", times, "--idle-seconds", 60, "--cold-ms", 100)
            .get("policies")
            .get(0);
    assertThat(policy.get("coldStarts").asInt()).isEqualTo(3);
    assertThat(policy.get("totalSeconds").asDouble()).isCloseTo(0.400, within(1e-9));
  }

  @Test
  void badInput_isNamedWithLineAndField() throws IOException {
    String good = "request,latency_us\n";
    refused(good + "1,5\n2,abc\n", "line 3, field 'latency_us': 'abc' is no number");
    refused(good + "1,5\n3,5\n", "line 3, field 'request': it is 3.0, not 2");
    refused(good + "1\n", "line 2, field 'latency_us': the line has 1 fields, not 2");
    refused(good + "1,-4\n", "line 2, field 'latency_us': -4 is out of range");
    refused(good + "1,NaN\n", "line 2, field 'latency_us'");
    refused(good, "it has no rows");
    refused("", "it is empty");
    refused("latency\n1\n", "line 1, field 'latency'");
    assertThat(simulate("--curve", directory.resolve("none.csv"))).isEqualTo(2);
    assertThat(err.toString()).contains("there is no such file");
    Path times = file("arrival_ms\n10\n5\n");
    assertThat(simulate("--curve", curve, "--arrivals", times)).isEqualTo(2);
    assertThat(err.toString()).contains("line 3, field 'arrival_ms': it is before the one above");
  }

  private void refused(String text, String message) throws IOException {
    assertThat(simulate("--curve", file(text))).isEqualTo(2);
    assertThat(err.toString()).contains(message);
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void damagedCurves_areReadOrRefusedButNeverBreakIt() throws IOException {
    SplittableRandom random = new SplittableRandom(8);
    byte[] good = Files.readAllBytes(curve);
    for (int i = 0; i < 300; i++) {
      byte[] bytes = good.clone();
      for (int k = random.nextInt(1, 4); k > 0; k--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      Path damaged = Files.write(directory.resolve("damaged.csv"), bytes);
      int code = simulate("--curve", damaged, "--policy", "cold", "--requests", 10);
      assertThat(code).isIn(0, 2);
      assertThat(err.toString()).doesNotContain("Exception");
    }
  }

  @Test
  void badOptions_areNamed() {
    assertThat(simulate("--curve", curve, "--policy", "adaptve")).isEqualTo(2);
    assertThat(err.toString()).contains("Did you mean 'adaptive'");
    assertThat(simulate("--curve", curve, "--policy", "fixed:reqest=3")).isEqualTo(2);
    assertThat(err.toString()).contains("Did you mean 'request'");
    assertThat(simulate("--curve", curve, "--requests", 0)).isEqualTo(2);
    assertThat(err.toString()).contains("--requests").contains("'0' is no whole number from 1");
    assertThat(simulate("--curve", curve, "--cold-ms", -1)).isEqualTo(2);
    assertThat(err.toString()).contains("--cold-ms");
    assertThat(simulate()).isEqualTo(2);
    assertThat(err.toString()).contains("--curve is missing");
  }

  @Test
  void tune_findsTheBestRequestAndSaysHowSure() throws IOException {
    StringBuilder text = new StringBuilder("request,latency_us\n");
    for (int i = 1; i <= 300; i++) {
      text.append(i).append(',').append(i < 60 ? 40_000 : 4_000).append('\n');
    }
    int code =
        execute(
            new TuneCommand(),
            "--curve",
            file(text.toString()),
            "--policy",
            "fixed",
            "--evict-every",
            20,
            "--trials",
            40);
    assertThat(code).as(err.toString()).isZero();
    assertThat(out.toString())
        .contains("best of 40 trials: fixed:request=")
        .contains("better in 10 of 10 runs")
        .contains("the difference is real");
  }

  @Test
  void signTest_isTheBinomialTail() {
    assertThat(Tuning.signTest(10, 10)).isCloseTo(1 / 1024.0, within(1e-12));
    assertThat(Tuning.signTest(5, 10)).isCloseTo(638 / 1024.0, within(1e-12));
    assertThat(Tuning.signTest(0, 0)).isEqualTo(1);
  }
}
