package dev.rekindle.engine.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rekindle.engine.LazilyRestoredProcess;
import dev.rekindle.engine.PagesProgram;
import dev.rekindle.engine.RestoreException;
import dev.rekindle.engine.SnapshotEngine;
import dev.rekindle.engine.TestEngine;
import dev.rekindle.engine.sandbox.ExitStatus;
import dev.rekindle.engine.sandbox.Sandbox;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lazy restore of a program that checks each of its pages, whatever it does to its mappings. */
class LazyPagesTest {
  private static final int MEGABYTES = 64;

  @TempDir static Path directory;

  private static SnapshotEngine engine;
  private static PagesProgram program;

  @BeforeAll
  static void freeze() throws Exception {
    engine = TestEngine.open();
    program = PagesProgram.freeze(engine, directory, MEGABYTES);
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  private static LazilyRestoredProcess restore(Optional<PageSource> source, LazyOptions options) {
    return engine.restoreLazily(
        program.snapshot(),
        program.requirements(),
        program.spec(),
        (stream, bytes) -> {},
        source,
        options);
  }

  private static LazyOptions plain() {
    return new LazyOptions(Optional.empty(), false);
  }

  /** With all pages coming by faults alone, since a recording holds the rest back. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "sum",
        "touch",
        "fork",
        "unmap",
        "remap",
        "dontneed",
        "threads",
        "churn",
        "inherit"
      })
  void restoreLazily_byFaultsAlone_keepsEveryPageRight(String trial) throws Exception {
    LazilyRestoredProcess restored = restore(Optional.empty(), LazyOptions.recording());
    try (Sandbox sandbox = restored.process().sandbox()) {
      assertThat(TestEngine.ask(sandbox, trial)).isEqualTo("ok");
      assertThat(restored.pages().statistics().faults()).isPositive();
      assertThat(restored.pages().statistics().backgroundPages()).isZero();
      restored.pages().workingSet().get(10, TimeUnit.SECONDS);
      restored.pages().done().get(20, TimeUnit.SECONDS);
    }
  }

  /** With copies in the background racing against the program's changes. */
  @ParameterizedTest
  @ValueSource(
      strings = {"sum", "fork", "unmap", "remap", "dontneed", "threads", "churn", "inherit"})
  void restoreLazily_withBackgroundCopies_keepsEveryPageRight(String trial) throws Exception {
    LazilyRestoredProcess restored = restore(Optional.empty(), plain());
    try (Sandbox sandbox = restored.process().sandbox()) {
      assertThat(TestEngine.ask(sandbox, trial)).isEqualTo("ok");
      PageStatistics statistics = restored.pages().done().get(20, TimeUnit.SECONDS);
      assertThat(statistics.bytes()).isPositive();
    }
  }

  @Test
  void restoreLazily_withWorkingSet_copiesItAheadOfFaults() throws Exception {
    WorkingSet workingSet;
    long faults;
    LazilyRestoredProcess first = restore(Optional.empty(), LazyOptions.recording());
    try (Sandbox sandbox = first.process().sandbox()) {
      assertThat(TestEngine.ask(sandbox, "touch")).isEqualTo("ok");
      workingSet = first.pages().workingSet().get(10, TimeUnit.SECONDS);
      faults = first.pages().statistics().faults();
    }
    LazilyRestoredProcess second =
        restore(Optional.empty(), new LazyOptions(Optional.of(workingSet), true));
    try (Sandbox sandbox = second.process().sandbox()) {
      assertThat(TestEngine.ask(sandbox, "touch")).isEqualTo("ok");
      PageStatistics statistics = second.pages().statistics();
      assertThat(statistics.prefetchPages()).isPositive();
      assertThat(statistics.faults()).isLessThan(faults);
      assertThat(TestEngine.ask(sandbox, "sum")).isEqualTo("ok");
    }
  }

  @Test
  void restoreLazily_manyAtOnce_keepsEachRight() throws Exception {
    int instances = 20;
    ExecutorService workers = Executors.newFixedThreadPool(instances);
    try {
      List<Future<String>> answers = new ArrayList<>();
      for (int i = 0; i < instances; i++) {
        LazyOptions options = i % 2 == 0 ? plain() : LazyOptions.recording();
        String trial = List.of("sum", "fork", "remap", "dontneed").get(i % 4);
        answers.add(
            workers.submit(
                () -> {
                  try (Sandbox sandbox = restore(Optional.empty(), options).process().sandbox()) {
                    return TestEngine.ask(sandbox, trial);
                  }
                }));
      }
      for (Future<String> answer : answers) {
        assertThat(answer.get(60, TimeUnit.SECONDS)).isEqualTo("ok");
      }
    } finally {
      workers.shutdownNow();
    }
  }

  @Test
  void restoreLazily_slowSource_isStillRight() throws Exception {
    FaultySource source = FaultySource.slow(program.images(), 2);
    LazilyRestoredProcess restored = restore(Optional.of(source), LazyOptions.recording());
    try (Sandbox sandbox = restored.process().sandbox()) {
      assertThat(TestEngine.ask(sandbox, "fork")).isEqualTo("ok");
      assertThat(source.delayed()).isPositive();
    }
  }

  @Test
  void restoreLazily_sourceFailsInTheMiddle_killsTheInstance() throws Exception {
    FaultySource source =
        FaultySource.failing(
            program.images(),
            200,
            () -> {
              throw new PageSourceException(
                  PageSourceException.Cause.UNREACHABLE, "the storage went away");
            });
    LazilyRestoredProcess restored = restore(Optional.of(source), LazyOptions.recording());
    try (Sandbox sandbox = restored.process().sandbox()) {
      assertThat(TestEngine.ask(sandbox, "sum")).isEmpty();
      assertThat(sandbox.exit(restored.process().pid()).get(10, TimeUnit.SECONDS))
          .isEqualTo(ExitStatus.killed());
      assertThatThrownBy(() -> restored.pages().done().get(10, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(PageSourceException.class);
    }
  }

  @Test
  void restoreLazily_serverDies_killsItsInstances() throws Exception {
    try (SnapshotEngine other = TestEngine.open()) {
      FaultySource source =
          FaultySource.failing(
              program.images(),
              200,
              () -> {
                throw new AssertionError("a defect of the server, as far as it can tell");
              });
      LazilyRestoredProcess restored =
          other.restoreLazily(
              program.snapshot(),
              program.requirements(),
              program.spec(),
              (stream, bytes) -> {},
              Optional.of(source),
              LazyOptions.recording());
      try (Sandbox sandbox = restored.process().sandbox()) {
        assertThat(TestEngine.ask(sandbox, "sum")).isEmpty();
        assertThat(sandbox.exit(restored.process().pid()).get(10, TimeUnit.SECONDS))
            .isEqualTo(ExitStatus.killed());
      }
    }
  }

  @Test
  void close_whilePagesAreMissing_killsTheInstance() throws Exception {
    SnapshotEngine other = TestEngine.open();
    LazilyRestoredProcess restored =
        other.restoreLazily(
            program.snapshot(),
            program.requirements(),
            program.spec(),
            (stream, bytes) -> {},
            Optional.empty(),
            LazyOptions.recording());
    other.close();
    assertThat(
            restored.process().sandbox().exit(restored.process().pid()).get(10, TimeUnit.SECONDS))
        .isEqualTo(ExitStatus.killed());
    assertThatThrownBy(() -> restored.pages().done().get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(PageServerException.class);
  }

  @Test
  void kill_ofTheServingProcess_endsTheInstance() throws Exception {
    Map<String, String> requirements = program.requirements();
    String name = "rekindle-t" + Long.toString(System.nanoTime(), 36);
    Process server =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-cp",
                System.getProperty("java.class.path"),
                LazyVictim.class.getName(),
                program.snapshot().toString(),
                program.program().toString(),
                requirements.get("criu"),
                requirements.get("kernel"),
                requirements.get("architecture"),
                name)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String line = server.inputReader(StandardCharsets.UTF_8).readLine();
    assertThat(line).isNotNull();
    Path init = Path.of("/proc", line);
    assertThat(init).exists();
    server.destroyForcibly();
    await(() -> Files.notExists(init));
    TestEngine.open(name).close(); // removes what the killed one could not
  }

  @Test
  void close_ofTheSandbox_leavesNoDescriptorBehind() throws Exception {
    for (int i = 0; i < 3; i++) {
      LazilyRestoredProcess restored = restore(Optional.empty(), LazyOptions.recording());
      restored.process().sandbox().close();
      restored.pages().done().get(10, TimeUnit.SECONDS);
    }
    await(() -> userFaultDescriptors() == 0);
  }

  @Test
  void restoreLazily_damagedImages_areRefusedAndLeaveNothing() throws Exception {
    Path copy = Files.createDirectories(directory.resolve("damaged"));
    Files.createDirectory(copy.resolve("images"));
    Files.copy(program.snapshot().resolve("process.json"), copy.resolve("process.json"));
    try (Stream<Path> images = Files.list(program.images())) {
      for (Path image : images.toList()) {
        Files.copy(image, copy.resolve("images").resolve(image.getFileName()));
      }
    }
    Files.write(copy.resolve("images/files.img"), new byte[] {1, 2, 3});
    assertThatThrownBy(() -> restoreFrom(copy)).isInstanceOf(RestoreException.class);
    Files.write(copy.resolve("images/pagemap-300.img"), new byte[] {1, 2, 3});
    assertThatThrownBy(() -> restoreFrom(copy))
        .isInstanceOfSatisfying(
            RestoreException.class,
            e -> assertThat(e.kind()).isEqualTo(RestoreException.Cause.DAMAGED));
    await(() -> userFaultDescriptors() == 0);
  }

  private static void restoreFrom(Path snapshot) {
    engine.restoreLazily(
        snapshot,
        program.requirements(),
        program.spec(),
        (stream, bytes) -> {},
        Optional.empty(),
        plain());
  }

  private static long userFaultDescriptors() throws IOException {
    long count = 0;
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        try {
          if (Files.readSymbolicLink(descriptor).toString().contains("userfaultfd")) {
            count++;
          }
        } catch (NoSuchFileException e) {
          // closed since it was listed
        }
      }
    }
    return count;
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.call()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("the condition did not come true in 20 s");
      }
      Thread.sleep(2);
    }
  }
}
