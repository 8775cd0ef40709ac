package dev.rekindle.loadtests.policies;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.Json;
import dev.rekindle.loadtests.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark as a process, with the real service and the real CRIU. */
class PoliciesBenchmarkTest {
  private static final long PATIENCE_SECONDS = 240;

  @TempDir private Path temporary;

  @AfterEach
  void nothingIsLeft() throws IOException {
    try (Stream<Path> left = Files.list(temporary.resolve("tmp"))) {
      assertThat(left.filter(p -> p.getFileName().toString().startsWith("rekindle"))).isEmpty();
    }
  }

  @Test
  void run_small_measuresEachPolicyAndDrawsThem() throws Exception {
    Path plot = temporary.resolve("plot.svg");
    Process bench =
        start(
            "--runtime=python3,nodejs",
            "--policy=cold,after-first,on-evict,request-centric,adaptive",
            "--requests=7",
            "--evict-every=3",
            "--plot=" + plot,
            "--output=json");

    assertThat(bench.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

    assertThat(Files.readString(temporary.resolve("err"))).isEmpty();
    assertThat(bench.exitValue()).isZero();
    JsonNode report = Json.mapper().readTree(Files.readAllBytes(temporary.resolve("out")));
    assertThat(report.get("requests").asInt()).isEqualTo(7);
    assertThat(report.get("functions").findValuesAsText("runtime"))
        .containsExactly("python3", "nodejs");
    for (JsonNode function : report.get("functions")) {
      assertThat(function.get("policies").findValuesAsText("policy"))
          .containsExactly("cold", "after-first", "on-evict", "request-centric", "adaptive");
      for (JsonNode row : function.get("policies")) {
        check(row);
      }
      JsonNode cold = function.get("policies").get(0);
      assertThat(cold.get("cold").asInt()).isEqualTo(3); // a boot for each life
      assertThat(cold.get("checkpoints").asInt()).isZero();
      assertThat(cold.get("storedMb").asDouble()).isZero();
      JsonNode afterFirst = function.get("policies").get(1);
      assertThat(afterFirst.get("checkpoints").asInt()).isEqualTo(1);
      assertThat(afterFirst.get("snapshotsAt").toString()).isEqualTo("[1]");
      assertThat(afterFirst.get("restored").asInt()).isGreaterThanOrEqualTo(2);
      JsonNode onEvict = function.get("policies").get(2);
      assertThat(onEvict.get("checkpoints").asInt()).isEqualTo(3);
      assertThat(onEvict.get("snapshotsAt").toString()).isEqualTo("[7]"); // on and on
    }
    assertThat(Files.readString(plot)).startsWith("<svg").contains("adaptive", "nodejs");
  }

  private static void check(JsonNode row) {
    int starts = 0;
    for (String kind : List.of("cold", "restored", "standby", "warm")) {
      starts += row.get(kind).asInt();
    }
    assertThat(starts).as("%s", row).isEqualTo(7);
    assertThat(row.get("latenciesMs")).hasSize(7);
    assertThat(row.get("firstRequests").toString()).isEqualTo("[1,4,7]");
    double sum = 0;
    for (JsonNode ms : row.get("latenciesMs")) {
      assertThat(ms.asDouble()).isPositive();
      sum += ms.asDouble() / 1e3;
    }
    assertThat(row.get("totalSeconds").asDouble()).isGreaterThan(sum - 1e-6); // and pauses
    assertThat(row.get("p99Ms").asDouble()).isGreaterThanOrEqualTo(row.get("p50Ms").asDouble());
  }

  @Test
  void run_unknownPolicy_saysSoAndExitsWith1() throws Exception {
    Process bench = start("--runtime=python3", "--policy=clever");

    assertThat(bench.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

    assertThat(bench.exitValue()).isEqualTo(1);
    assertThat(Files.readString(temporary.resolve("err")))
        .startsWith("rekindle bench policies: ")
        .contains("clever")
        .hasLineCount(1);
  }

  private Process start(String... arguments) throws IOException {
    Path tmp = Files.createDirectory(temporary.resolve("tmp"));
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + tmp,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "bench",
                "policies"));
    command.addAll(Arrays.asList(arguments));
    return new ProcessBuilder(command)
        .redirectOutput(temporary.resolve("out").toFile())
        .redirectError(temporary.resolve("err").toFile())
        .start();
  }
}
