package dev.rekindle.loadtests.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.Json;
import dev.rekindle.loadtests.Main;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark as a process, with real services, a real S3 server and the real CRIU. */
class StoreBenchmarkTest {
  private static final long PATIENCE_SECONDS = 300;

  @TempDir private Path temporary;

  @Test
  void run_small_measuresAllAndLeavesNothing() throws Exception {
    Path tmp = Files.createDirectory(temporary.resolve("tmp"));
    Process bench =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + tmp,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "bench",
                "store",
                "--heap-mb=10",
                "--runs=1",
                "--functions=2",
                "--snapshots=2",
                "--output=json")
            .redirectOutput(temporary.resolve("out").toFile())
            .redirectError(temporary.resolve("err").toFile())
            .start();
    try {
      assertThat(bench.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    } finally {
      bench.destroy();
    }

    assertThat(Files.readString(temporary.resolve("err"))).isEmpty();
    assertThat(bench.exitValue()).isZero();
    JsonNode report = Json.mapper().readTree(Files.readAllBytes(temporary.resolve("out")));
    assertThat(report.at("/environment/heapMb").asInt()).isEqualTo(10);
    assertThat(report.get("rows").findValuesAsText("mode"))
        .containsExactly("download-all", "lazy-from-afar");
    JsonNode download = report.at("/rows/0");
    JsonNode lazy = report.at("/rows/1");
    for (JsonNode row : List.of(download, lazy)) {
      assertThat(row.at("/firstResponseMs/p50").asDouble())
          .isGreaterThan(row.get("restoreMs").asDouble());
      assertThat(row.get("mbInAll").asDouble())
          .isGreaterThanOrEqualTo(row.get("mbBefore").asDouble());
    }
    // Half of the pages' bytes are random: so much must have come, and less where it need not.
    assertThat(download.get("mbBefore").asDouble()).isGreaterThan(3);
    assertThat(lazy.get("mbBefore").asDouble()).isLessThan(download.get("mbBefore").asDouble());
    assertThat(report.at("/upload/durableMs").asDouble())
        .isGreaterThanOrEqualTo(report.at("/upload/localMs").asDouble());
    assertThat(report.at("/upload/imageMb").asDouble()).isGreaterThan(10);
    assertThat(report.at("/upload/sentMb").asDouble()).isGreaterThan(3);
    for (String what : List.of("functions", "snapshots")) {
      assertThat(report.at("/" + what + "/count").asInt()).isEqualTo(2);
      assertThat(report.at("/" + what + "/storedToImages").asDouble()).isBetween(0.001, 1.0);
    }
    assertThat(report.at("/lazyToDownload").asDouble()).isPositive();
    try (Stream<Path> left = Files.list(tmp)) {
      assertThat(left.filter(p -> p.getFileName().toString().startsWith("rekindle"))).isEmpty();
    }
  }
}
