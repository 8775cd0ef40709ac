package dev.rekindle.engine;

import static dev.rekindle.engine.Eventually.eventually;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rekindle.engine.sandbox.ControlFrame;
import dev.rekindle.engine.sandbox.ExitStatus;
import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.engine.sandbox.SandboxException;
import dev.rekindle.engine.sandbox.SandboxSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How programs start, print and end in a sandbox. */
class SandboxProgramTest {
  private static final String PYTHON = "/usr/bin/python3";

  private static SnapshotEngine engine;

  @BeforeAll
  static void open() throws Exception {
    engine = TestEngine.open();
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  private static TestEngine.Ran run(Map<String, String> environment, String... command)
      throws Exception {
    return TestEngine.run(engine, TestEngine.spec(), environment, command);
  }

  @Test
  void spawn_givesTheEnvironmentAndNothingElse() throws Exception {
    TestEngine.Ran ran = run(Map.of("A", "1", "EMPTY", "", "GREEN", "grün =\n x"), "/usr/bin/env");
    assertThat(ran.exit()).isEqualTo(new ExitStatus(0, 0));
    assertThat(ran.out().lines()).containsExactlyInAnyOrder("A=1", "EMPTY=", "GREEN=grün =", " x");
  }

  /** As /dev/shm often is, where data directories may lie. */
  @Test
  void spawn_ofAProgramOnAFileSystemMountedNoexec_runsIt(@TempDir Path directory) throws Exception {
    mount("mount", "-t", "tmpfs", "-o", "noexec,mode=755", "tmpfs", directory.toString());
    // An engine's sandboxes see what was mounted before they were made, which is ahead of need.
    try (SnapshotEngine later = TestEngine.open()) {
      for (String target : List.of(Sandbox.CODE, Sandbox.RUNTIME)) {
        Files.copy(Path.of("/bin/true"), directory.resolve("program"), REPLACE_EXISTING);
        SandboxSpec spec =
            new SandboxSpec(
                "noexec",
                List.of(new SandboxSpec.Bind(directory, target)),
                1L << 28,
                SandboxSpec.DEFAULT_MAX_PROCESSES);
        assertThat(TestEngine.run(later, spec, Map.of(), target + "/program").exit())
            .isEqualTo(new ExitStatus(0, 0));
      }
    } finally {
      mount("umount", "--lazy", directory.toString());
    }
  }

  private static void mount(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  @Test
  void print_andEndHeardOfAtOnce_leavesTheSandboxAnswering() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      Printed printed = new Printed();
      sandbox.onOutput(printed);
      String script = "echo begun; until [ -e /tmp/go ]; do sleep 0.01; done; echo ended";
      int pid = sandbox.spawn(List.of("/bin/sh", "-c", script), Map.of(), "/tmp");
      eventually("it runs", () -> printed.out().equals("begun\n"));
      long init = sandbox.hello().hostPid();
      Path child = Path.of("/proc", childOf(init));
      signal("-STOP", init); // so that both news wait for it
      try {
        Files.createFile(sandbox.hostRoot().resolve("tmp/go"));
        eventually("it has ended", () -> Files.readString(child.resolve("stat")).contains(") Z "));
      } finally {
        signal("-CONT", init);
      }
      assertThat(sandbox.exit(pid).get(20, TimeUnit.SECONDS)).isEqualTo(new ExitStatus(0, 0));
      assertThat(printed.out()).isEqualTo("begun\nended\n");
      assertThat(sandbox.memory().processes()).isZero();
    }
  }

  private static String childOf(long pid) throws Exception {
    return Files.readString(Path.of("/proc/" + pid + "/task/" + pid + "/children")).strip();
  }

  private static void signal(String signal, long pid) throws Exception {
    Process kill = new ProcessBuilder("kill", signal, Long.toString(pid)).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }

  @Test
  void spawn_startsWithDefaultSignals() throws Exception {
    String status = run(Map.of(), "/bin/grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status").out();
    assertThat(status.lines())
        .as("a blocked SIGCHLD would hide the end of children, an ignored SIGPIPE broken pipes")
        .containsExactly("SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000");
  }

  @Test
  void spawn_handsOutFourDescriptors() throws Exception {
    TestEngine.Ran ran =
        run(Map.of(), "/bin/sh", "-c", "for f in /proc/$$/fd/*; do readlink $f; done");
    assertThat(ran.out().lines().map(l -> l.replaceAll("[0-9]+", "N")))
        .startsWith("/dev/null", "pipe:[N]", "pipe:[N]", "pipe:[N]")
        .hasSize(4);
  }

  @Test
  void spawn_ofAnAbsentProgram_exitsAndSaysWhy() throws Exception {
    TestEngine.Ran ran = run(Map.of(), "/absent/program");
    assertThat(ran.exit()).isEqualTo(new ExitStatus(127, 0));
    assertThat(ran.err()).contains("/absent/program", "No such file");
  }

  @Test
  void spawn_withALargeEnvironment_passesIt() throws Exception {
    String large = "x".repeat(120_000);
    TestEngine.Ran ran = run(Map.of("A", large, "B", large), "/bin/sh", "-c", "echo ${#A} ${#B}");
    assertThat(ran.out()).isEqualTo("120000 120000\n");
  }

  @Test
  void spawn_withATooLargeEnvironment_isRefusedAndTheSandboxLives() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      Map<String, String> environment = Map.of("A", "x".repeat(ControlFrame.MAX_BYTES));
      assertThatThrownBy(() -> sandbox.spawn(List.of("/bin/true"), environment, "/tmp"))
          .isInstanceOfSatisfying(
              SandboxException.class,
              e -> assertThat(e.kind()).isEqualTo(SandboxException.Cause.REFUSED));
      int pid = sandbox.spawn(List.of("/bin/true"), Map.of(), "/tmp");
      assertThat(sandbox.exit(pid).get(20, TimeUnit.SECONDS).code()).isZero();
    }
  }

  @Test
  void spawn_withTooManyArguments_isRefusedAndTheSandboxLives() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      List<String> command = new java.util.ArrayList<>(List.of("/bin/true"));
      for (int i = 0; i < 5000; i++) {
        command.add("x");
      }
      assertThatThrownBy(() -> sandbox.spawn(command, Map.of(), "/tmp"))
          .isInstanceOf(SandboxException.class)
          .hasMessageContaining("Argument list too long");
      int pid = sandbox.spawn(List.of("/bin/true"), Map.of(), "/tmp");
      assertThat(sandbox.exit(pid).get(20, TimeUnit.SECONDS).code()).isZero();
    }
  }

  @Test
  void spawn_withNul_isRefused() {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      assertThatThrownBy(() -> sandbox.spawn(List.of("/bin/true", "a\0b"), Map.of(), "/tmp"))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void configure_withAnAbsentDirectory_isRefusedByName() {
    SandboxSpec spec =
        new SandboxSpec(
            "test",
            List.of(new SandboxSpec.Bind(Path.of("/absent/code"), Sandbox.CODE)),
            256L << 20,
            100);
    assertThatThrownBy(() -> engine.sandbox(spec))
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("/absent/code")
        .hasMessageContaining("No such file");
  }

  @Test
  void configure_withATooLongPath_isRefused() {
    String target = "/var" + "/longer".repeat(800);
    SandboxSpec spec =
        new SandboxSpec(
            "test", List.of(new SandboxSpec.Bind(Path.of("/usr"), target)), 256L << 20, 100);
    assertThatThrownBy(() -> engine.sandbox(spec))
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("File name too long");
  }

  @Test
  void exit_tellsCodesAndSignals() throws Exception {
    assertThat(run(Map.of(), "/bin/sh", "-c", "exit 7").exit()).isEqualTo(new ExitStatus(7, 0));
    assertThat(run(Map.of(), "/bin/sh", "-c", "kill -SEGV $$").exit().signal()).isEqualTo(11);
  }

  @Test
  void exit_comesAfterTheLastOutput() throws Exception {
    String out = run(Map.of(), "/bin/sh", "-c", "seq 100000; echo last").out();
    assertThat(out).endsWith("100000\nlast\n").hasSize(588_895 + 5);
  }

  @Test
  void exits_ofStrayChildren_areNotHoarded() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      String strays =
          """
          import os
          for i in range(200):
              if os.fork() == 0:
                  if os.fork() == 0: os._exit(0)
                  os._exit(0)
              os.wait()
          """;
      int pid = sandbox.spawn(List.of(PYTHON, "-c", strays), Map.of(), "/tmp");
      assertThat(sandbox.exit(pid).get(20, TimeUnit.SECONDS)).isEqualTo(new ExitStatus(0, 0));
      assertThat(sandbox.exitsRemembered()).isLessThan(100);
    }
  }

  @Test
  void zombies_ofStrayChildren_areReaped() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      TestEngine.boot(sandbox, "");
      TestEngine.ask(sandbox, "os.system('(sleep 0.01 &) ; (sleep 0.02 &)')");
      eventually(
          "no process but init and the server",
          () -> {
            try (var all = Files.list(sandbox.hostRoot().resolve("proc"))) {
              return all.filter(p -> p.getFileName().toString().matches("[0-9]+")).count() == 2;
            }
          });
    }
  }

  @Test
  void lastWords_thatComeWithTheEnd_leaveInitAnswering() throws Exception {
    for (int i = 0; i < 60; i++) {
      try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
        Printed printed = new Printed();
        sandbox.onOutput(printed);
        // Output, the end and the readiness pipe's end reach init at about one moment.
        String program = "echo out; echo err >&2; exit " + i;
        int pid = sandbox.spawn(List.of("/bin/sh", "-c", program), Map.of(), "/tmp");
        assertThat(sandbox.readiness().get(10, TimeUnit.SECONDS)).isEmpty();
        assertThat(sandbox.exit(pid).get(10, TimeUnit.SECONDS)).isEqualTo(new ExitStatus(i, 0));
        assertThat(printed.out() + printed.err()).isEqualTo("out\nerr\n");
        assertThat(sandbox.memory().processes()).isZero();
      }
    }
  }

  @Test
  void outputFlood_delaysNeitherNewsNorTheEnd() throws Exception {
    long init;
    AtomicLong bytes = new AtomicLong();
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      init = sandbox.hello().hostPid();
      sandbox.onOutput(
          (stream, piece) -> {
            bytes.addAndGet(piece.length);
            LockSupport.parkNanos(300_000); // slower than the writers, so that pipes stay full
          });
      // Pipes that are never read empty, and an end of a process for init to report.
      String flood =
          """
          import fcntl, os, time
          fcntl.fcntl(1, 1031, 1 << 20)
          for i in range(3):
              if os.fork() == 0:
                  while True: os.write(1, b'x' * 65536)
          time.sleep(0.3)
          """;
      int pid = sandbox.spawn(List.of(PYTHON, "-c", flood), Map.of(), "/tmp");
      eventually("a flood of output", () -> bytes.get() > 4 << 20);
      assertThat(sandbox.exit(pid).get(20, TimeUnit.SECONDS)).isEqualTo(new ExitStatus(0, 0));
      assertThat(sandbox.memory().processes()).isEqualTo(3);
    }
    eventually("init ends", () -> !Files.exists(Path.of("/proc/" + init)));
  }

  @Test
  void listener_thatThrows_harmsNoOtherOutput() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      Printed printed = new Printed();
      TestEngine.boot(sandbox, "");
      sandbox.onOutput(
          (stream, bytes) -> {
            throw new IllegalStateException("a listener's own fault");
          });
      TestEngine.ask(sandbox, "print('lost', flush=True)");
      TestEngine.ask(sandbox, "print('lost too', flush=True)");
      assertThat(sandbox.memory().processes()).isEqualTo(1);
      sandbox.onOutput(printed);
      TestEngine.ask(sandbox, "print('heard', flush=True)");
      eventually("output is heard again", () -> printed.out().contains("heard"));
    }
  }

  @Test
  void readiness_ofAProgramThatEndsSilently_isEmpty() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      sandbox.spawn(List.of("/bin/true"), Map.of(), "/tmp");
      assertThat(sandbox.readiness().get(20, TimeUnit.SECONDS)).isEmpty();
    }
  }

  @Test
  void readiness_thatFloods_isCutShort() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      sandbox.spawn(List.of("/bin/sh", "-c", "yes >&3"), Map.of("PATH", "/usr/bin:/bin"), "/tmp");
      assertThat(sandbox.readiness().get(20, TimeUnit.SECONDS)).hasSizeLessThanOrEqualTo(1 << 16);
    }
  }

  @Test
  void kill_stoppedProgram_stillWorks() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, "import signal");
      sandbox.kill(pid, 19);
      sandbox.kill(pid, 9);
      assertThat(sandbox.exit(pid).get(20, TimeUnit.SECONDS)).isEqualTo(new ExitStatus(-1, 9));
    }
  }
}
