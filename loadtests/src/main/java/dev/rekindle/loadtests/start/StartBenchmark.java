package dev.rekindle.loadtests.start;

import dev.rekindle.api.RestoreMode;
import dev.rekindle.api.client.RekindleClient;
import dev.rekindle.loadtests.run.BenchmarkException;
import dev.rekindle.loadtests.run.Cleanup;
import dev.rekindle.loadtests.run.Environment;
import dev.rekindle.loadtests.run.Measurement;
import dev.rekindle.loadtests.run.Percentiles;
import dev.rekindle.loadtests.run.Programs;
import dev.rekindle.loadtests.run.Report;
import dev.rekindle.loadtests.run.ServiceFunction;
import dev.rekindle.loadtests.run.ServiceGauges;
import dev.rekindle.loadtests.run.ServiceProcess;
import dev.rekindle.loadtests.run.Waiting;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Measures all modes in rounds: each round starts the function once in every mode, in an order that
 * changes from round to round, so that whatever the machine does hits all modes alike.
 */
public final class StartBenchmark {
  /** Rounds that do not count: they bring files into the page cache and code to its final form. */
  private static final int UNCOUNTED_ROUNDS = 3;

  /** Time after a start in which the machine cleans up behind it and fills pools again. */
  private static final Duration SETTLE = Duration.ofMillis(100);

  /** And as much more for each MB of heap, which ending a process gives back. */
  private static final Duration SETTLE_PER_MB = Duration.ofNanos(200_000);

  /** What the service may run beside the clones: the instances of the other modes. */
  private static final int OTHER_INSTANCES = 100;

  private static final Path TMPFS = Path.of("/dev/shm");

  /** The pairs that promises are made about. */
  private static final List<List<String>> PAIRS =
      List.of(
          List.of("mapped", "criu-eager"),
          List.of("lazy", "criu-lazy"),
          List.of("standby", "warm"));

  private final StartSettings settings;
  private final Cleanup cleanup;
  private final InstantSource clock;

  StartBenchmark(StartSettings settings, Cleanup cleanup, InstantSource clock) {
    this.settings = settings;
    this.cleanup = cleanup;
    this.clock = clock;
  }

  /**
   * Runs it.
   *
   * @throws BenchmarkException if it cannot be finished
   */
  Report run() throws IOException {
    Path criu = Programs.criu();
    Environment environment =
        Environment.read(
            settings.function(), settings.runs(), settings.heapMb(), criu, clock.instant());
    Path disk = cleanup.directory(Path.of(System.getProperty("java.io.tmpdir")), "rekindle-bench");
    Path memory = cleanup.directory(TMPFS, "rekindle-bench");
    URI url =
        settings.url() != null
            ? settings.url()
            : ServiceProcess.start(disk, settings.clones() + OTHER_INSTANCES, cleanup);
    RekindleClient client = new RekindleClient(url);
    String prefix = disk.getFileName() + "-"; // unlike any other function of that service
    CriuBaseline baseline =
        new CriuBaseline(settings.function(), settings.heapMb(), criu, memory, cleanup);
    List<StartMode> modes = modes(client, prefix, baseline, disk);
    for (StartMode mode : modes) {
      mode.prepare();
    }
    new ServiceGauges(url).awaitUploads();
    Map<String, List<Measurement>> measured = rounds(modes);
    Report.Clones clones =
        settings.clones() == 0
            ? null
            : new CloneBurst(client, prefix + "clones", settings, cleanup).run();
    return new Report(environment, rows(measured), ratios(measured), clones);
  }

  private List<StartMode> modes(
      RekindleClient client, String prefix, CriuBaseline baseline, Path disk) {
    Function<String, ServiceFunction> function =
        name -> new ServiceFunction(client, prefix + name, settings.function(), settings.heapMb());
    return List.of(
        new FreshMode(function.apply("cold"), null, cleanup),
        new CriuMode(baseline, false, settle()),
        new CriuMode(baseline, true, settle()),
        new FreshMode(function.apply("eager"), RestoreMode.EAGER, cleanup),
        new FreshMode(function.apply("lazy"), RestoreMode.LAZY, cleanup),
        new FreshMode(function.apply("mapped"), RestoreMode.MAPPED, cleanup),
        new StandbyMode(function.apply("standby"), settle(), cleanup),
        new WarmMode(function.apply("warm"), cleanup),
        new FloorMode(disk, cleanup));
  }

  private Duration settle() {
    return SETTLE.plus(SETTLE_PER_MB.multipliedBy(settings.heapMb()));
  }

  private Map<String, List<Measurement>> rounds(List<StartMode> modes) throws IOException {
    Map<String, List<Measurement>> measured = new LinkedHashMap<>();
    for (StartMode mode : modes) {
      measured.put(mode.name(), new ArrayList<>());
    }
    Random random = new Random(1); // the orders differ within a run, not between runs
    List<StartMode> order = new ArrayList<>(modes);
    for (int round = -UNCOUNTED_ROUNDS; round < settings.runs(); round++) {
      Collections.shuffle(order, random);
      for (StartMode mode : order) {
        Waiting.pause(settle());
        Measurement measurement = mode.measure();
        if (round >= 0) {
          Objects.requireNonNull(measured.get(mode.name())).add(measurement);
        }
      }
    }
    return measured;
  }

  private static List<Report.Row> rows(Map<String, List<Measurement>> measured) {
    List<Report.Row> rows = new ArrayList<>();
    measured.forEach(
        (mode, all) ->
            rows.add(
                new Report.Row(
                    mode,
                    Percentiles.of(values(all, Measurement::firstResponseMs)).orElseThrow(),
                    Percentiles.of(values(all, Measurement::restoreMs)).orElse(null),
                    median(all, Measurement::privateMb),
                    median(all, Measurement::sharedMb),
                    median(all, Measurement::readMb))));
    return rows;
  }

  private static List<Double> values(
      List<Measurement> all, Function<Measurement, @Nullable Double> field) {
    return all.stream().flatMap(one -> Stream.ofNullable(field.apply(one))).toList();
  }

  private static @Nullable Double median(
      List<Measurement> all, Function<Measurement, @Nullable Double> field) {
    Optional<Percentiles> summary = Percentiles.of(values(all, field));
    return summary.isEmpty() ? null : summary.get().p50();
  }

  private static List<Report.Ratio> ratios(Map<String, List<Measurement>> measured) {
    return PAIRS.stream()
        .map(
            pair ->
                ratio(
                    String.join("/", pair),
                    times(measured, pair.get(0)),
                    times(measured, pair.get(1))))
        .toList();
  }

  private static List<Double> times(Map<String, List<Measurement>> measured, String mode) {
    return values(Objects.requireNonNull(measured.get(mode), mode), Measurement::firstResponseMs);
  }

  /** Holds two modes against each other; values of equal index are of one round. */
  public static Report.Ratio ratio(String name, List<Double> ours, List<Double> theirs) {
    List<Double> byRound = new ArrayList<>();
    for (int i = 0; i < ours.size(); i++) {
      byRound.add(ours.get(i) / theirs.get(i));
    }
    return new Report.Ratio(
        name,
        Percentiles.at(ours, 50) / Percentiles.at(theirs, 50),
        Percentiles.at(byRound, 25),
        Percentiles.at(byRound, 75));
  }
}
