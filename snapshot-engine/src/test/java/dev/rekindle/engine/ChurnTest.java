package dev.rekindle.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.engine.sandbox.SandboxSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runtimes and allocators that churn their memory for long after a mapped restore. */
class ChurnTest {
  /**
   * What churns, and how it is started. Java cannot close descriptor 3, so its shell does, once it
   * listens.
   */
  enum Program {
    PYTHON("8", "/usr/bin/python3", "/var/task/churn.py"),
    NODE(
        "12",
        System.getenv().getOrDefault("REKINDLE_NODE", "/usr/bin/node"),
        "--expose-gc",
        "/var/task/churn.js"),
    JAVA_G1("20", "/bin/sh", "-c", java("-XX:+UseG1GC")),
    JAVA_SERIAL("20", "/bin/sh", "-c", java("-XX:+UseSerialGC")),
    GLIBC("allocator", "/var/task/memory_cases"),
    JEMALLOC(
        "allocator",
        "/usr/bin/env",
        "LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libjemalloc.so.2",
        "MALLOC_CONF=dirty_decay_ms:0,muzzy_decay_ms:0",
        "/var/task/memory_cases"),
    JEMALLOC_FREE(
        "allocator",
        "/usr/bin/env",
        "LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libjemalloc.so.2",
        "MALLOC_CONF=dirty_decay_ms:0,muzzy_decay_ms:-1,retain:true",
        "/var/task/memory_cases");

    private final String request;

    @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
    private final List<String> command;

    Program(String request, String... command) {
      this.request = request;
      this.command = List.of(command);
    }
  }

  private static String java(String collector) {
    return System.getProperty("java.home")
        + "/bin/java -cp /var/task -XX:-UsePerfData -Xmx200m "
        + collector
        + " Churn 3>&- & while [ ! -S /run/rekindle/function.sock ]; do sleep 0.05; done;"
        + " exec 3>&-; wait";
  }

  private static final int ROUNDS = 2;

  @TempDir static Path code;
  private static SnapshotEngine engine;

  @TempDir Path directory;

  @BeforeAll
  static void open() throws Exception {
    engine = TestEngine.open();
    Files.setPosixFilePermissions(code, PosixFilePermissions.fromString("rwxr-xr-x"));
    for (String name : List.of("churn.py", "churn.js", "Churn.java")) {
      Files.copy(
          Path.of("src/test/churn", name), code.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
    Files.write(code.resolve("file"), new byte[1 << 20]);
    TestEngine.compile("memory_cases", code);
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-d", code.toString(), code.resolve("Churn.java").toString());
    assertThat(result).isZero();
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  private static SandboxSpec spec() {
    return new SandboxSpec(
        "churn",
        List.of(new SandboxSpec.Bind(code, Sandbox.CODE)),
        1L << 30,
        SandboxSpec.DEFAULT_MAX_PROCESSES);
  }

  private static int start(Sandbox sandbox, Program program) throws Exception {
    int pid = sandbox.spawn(program.command, Map.of("PATH", "/usr/bin:/bin"), "/tmp");
    sandbox.readiness().get(20, TimeUnit.SECONDS);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (true) {
      try {
        ask(sandbox, program);
        return pid;
      } catch (IOException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        Thread.sleep(10);
      }
    }
  }

  private static String ask(Sandbox sandbox, Program program) throws IOException {
    String answer = TestEngine.ask(sandbox, program.request);
    // The C program says what is wrong in words; the others end, and so answer nothing.
    assertThat(answer).matches(program.request.equals("allocator") ? "ok" : "[0-9a-f]{64}");
    return answer;
  }

  private static List<String> churn(Sandbox sandbox, Program program) throws IOException {
    List<String> sums = new ArrayList<>();
    for (int round = 1; round <= ROUNDS; round++) {
      sums.add(ask(sandbox, program));
    }
    return sums;
  }

  @ParameterizedTest
  @EnumSource
  void churn_afterMappedRestore_asIfNeverFrozen(Program program) throws Exception {
    List<String> expected;
    CheckpointResult checkpoint;
    try (Sandbox sandbox = engine.sandbox(spec())) {
      int pid = start(sandbox, program);
      checkpoint = engine.checkpoint(sandbox, pid, directory, true);
      expected = churn(sandbox, program);
    }
    ConcurrentLinkedQueue<String> printed = new ConcurrentLinkedQueue<>();
    RestoredProcess restored =
        engine.restore(
            directory,
            checkpoint.requirements(),
            RestoreMode.MAPPED,
            spec(),
            (stream, bytes) -> printed.add(new String(bytes, StandardCharsets.UTF_8)));
    try (Sandbox sandbox = restored.sandbox()) {
      assertThat(churn(sandbox, program)).isEqualTo(expected);
    }
    assertThat(printed).isEmpty();
  }
}
