package dev.rekindle.loadtests.start;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.Json;
import dev.rekindle.loadtests.Main;
import dev.rekindle.loadtests.run.ProcessMemory;
import dev.rekindle.loadtests.run.SampleFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The benchmark as a process, with the real service and the real CRIU. */
class StartBenchmarkTest {
  private static final Path TMPFS = Path.of("/dev/shm");
  private static final long PATIENCE_SECONDS = 120;

  @TempDir private Path temporary;
  private List<Path> shared = List.of();
  private List<String> mounts = List.of();

  @BeforeEach
  void remember() throws IOException {
    shared = benchFiles();
    mounts = mounts();
  }

  /** Other services on the machine come and go: only what the benchmark makes counts. */
  @AfterEach
  void nothingIsLeft() throws IOException {
    assertThat(benchFiles()).isEqualTo(shared);
    assertThat(mounts()).isEqualTo(mounts);
    try (Stream<Path> left = Files.list(temporary.resolve("tmp"))) {
      assertThat(left.filter(p -> p.getFileName().toString().startsWith("rekindle"))).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(SampleFunction.class)
  void run_small_measuresEveryModeAndEveryClone(SampleFunction function) throws Exception {
    Process bench =
        start(
            "--runtime",
            function.runtime(),
            "--runs",
            "2",
            "--heap-mb",
            "10",
            "--clones",
            "4",
            "--output",
            "json");

    assertThat(bench.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

    assertThat(Files.readString(temporary.resolve("err"))).isEmpty();
    assertThat(bench.exitValue()).isZero();
    JsonNode report = Json.mapper().readTree(Files.readAllBytes(temporary.resolve("out")));
    assertThat(report.at("/environment/runtime").asText()).isEqualTo(function.runtime());
    assertThat(report.at("/environment/runs").asInt()).isEqualTo(2);
    assertThat(report.at("/environment/heapMb").asInt()).isEqualTo(10);
    assertThat(report.at("/environment/criu").asText()).matches("4\\.\\d.*");
    List<JsonNode> rows = rows(report);
    assertThat(rows.stream().map(row -> row.get("mode").asText()))
        .containsExactly(
            "cold",
            "criu-eager",
            "criu-lazy",
            "eager",
            "lazy",
            "mapped",
            "standby",
            "warm",
            "floor");
    assertThat(rows)
        .allSatisfy(
            row -> {
              JsonNode first = row.get("firstResponseMs");
              double p50 = first.get("p50").asDouble();
              assertThat(first.get("min").asDouble()).isPositive().isLessThanOrEqualTo(p50);
              assertThat(first.get("p95").asDouble()).isGreaterThanOrEqualTo(p50);
            });
    for (String mode : List.of("criu-eager", "criu-lazy", "eager", "lazy", "mapped")) {
      assertThat(row(rows, mode).at("/restoreMs/p50").asDouble())
          .isBetween(0.1, row(rows, mode).at("/firstResponseMs/p50").asDouble());
    }
    // Copies hold at least the heap alone; a mapped clone shares it.
    assertThat(row(rows, "criu-eager").get("privateMb").asDouble()).isGreaterThan(10);
    assertThat(row(rows, "criu-eager").get("readMb").asDouble()).isGreaterThan(10);
    assertThat(row(rows, "eager").get("privateMb").asDouble()).isGreaterThan(10);
    assertThat(row(rows, "mapped").get("privateMb").asDouble()).isBetween(0.1, 10.0);
    assertThat(report.get("ratios").fieldNames())
        .toIterable()
        .containsExactly("mapped/criu-eager", "lazy/criu-lazy", "standby/warm");
    assertThat(report.at("/clones/count").asInt()).isEqualTo(4);
    assertThat(report.at("/clones/perSecond").asDouble()).isPositive();
  }

  @Test
  void run_toldToEnd_takesEverythingBack() throws Exception {
    Process bench = start("--runs", "10000", "--heap-mb", "1");
    List<ProcessHandle> below = new ArrayList<>();
    await(
        () -> {
          below.clear();
          bench.descendants().forEach(below::add);
          return below.stream().anyMatch(StartBenchmarkTest::isRestored);
        });

    bench.destroy();

    assertThat(bench.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(bench.exitValue()).isEqualTo(143); // as of a process that SIGTERM ends
    assertThat(Files.readString(temporary.resolve("err"))).isEmpty();
    await(() -> below.stream().noneMatch(ProcessHandle::isAlive));
  }

  @Test
  void run_serviceOutOfReach_saysSoAndExitsWith1() throws Exception {
    Process bench = start("--url", "http://127.0.0.1:1");

    assertThat(bench.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

    assertThat(bench.exitValue()).isEqualTo(1);
    assertThat(Files.readString(temporary.resolve("err")))
        .startsWith("rekindle bench start: ")
        .contains("http://127.0.0.1:1")
        .hasLineCount(1);
  }

  private static boolean isRestored(ProcessHandle process) {
    return ProcessMemory.innermostPid(process.pid()) == CriuBaseline.FUNCTION_PID;
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
                "start"));
    command.addAll(Arrays.asList(arguments));
    return new ProcessBuilder(command)
        .redirectOutput(temporary.resolve("out").toFile())
        .redirectError(temporary.resolve("err").toFile())
        .start();
  }

  private static List<JsonNode> rows(JsonNode report) {
    return StreamSupport.stream(report.get("rows").spliterator(), false).toList();
  }

  private static JsonNode row(List<JsonNode> rows, String mode) {
    return rows.stream().filter(row -> row.get("mode").asText().equals(mode)).findFirst().get();
  }

  private static List<Path> benchFiles() throws IOException {
    try (Stream<Path> files = Files.list(TMPFS)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("rekindle-bench"))
          .sorted()
          .toList();
    }
  }

  private static List<String> mounts() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mounts")).stream()
        .filter(line -> line.contains("rekindle-bench"))
        .toList();
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("the condition comes in time").isLessThan(deadline);
      Thread.sleep(5);
    }
  }
}
