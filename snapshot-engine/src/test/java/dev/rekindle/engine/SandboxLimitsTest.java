package dev.rekindle.engine;

import static dev.rekindle.engine.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.engine.sandbox.SandboxMemory;
import dev.rekindle.engine.sandbox.SandboxSpec;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Limits on memory and processes hold, and hit nobody but the function that goes past them. */
class SandboxLimitsTest {
  private static final SandboxSpec SMALL = new SandboxSpec("small", List.of(), 64L << 20, 40);

  private static SnapshotEngine engine;

  @BeforeAll
  static void open() throws Exception {
    engine = TestEngine.open();
    assertThat(engine.keepsLimits()).as("this machine has cgroups to test with").isTrue();
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  @Test
  void memory_pastTheLimit_killsTheFunctionOnly() throws Exception {
    try (Sandbox small = engine.sandbox(SMALL);
        Sandbox other = engine.sandbox(TestEngine.spec())) {
      TestEngine.boot(other, "");
      int pid = TestEngine.boot(small, "");
      assertThat(small.ranOutOfMemory()).isFalse();
      TestEngine.ask(small, "state.setdefault('x', b'x' * (200 << 20)) and 1");
      assertThat(small.exit(pid).get(20, TimeUnit.SECONDS).signal()).isEqualTo(9);
      assertThat(small.ranOutOfMemory()).isTrue();
      assertThat(small.memory().processes()).as("init answers on").isZero();
      assertThat(other.ranOutOfMemory()).isFalse();
      assertThat(TestEngine.ask(other, "1 + 1")).isEqualTo("2");
    }
  }

  @Test
  void filesInScratch_countAsMemory() throws Exception {
    TestEngine.Ran ran =
        TestEngine.run(
            engine,
            SMALL,
            Map.of("PATH", "/usr/bin:/bin"),
            "/bin/sh",
            "-c",
            "head -c 48M /dev/zero > /tmp/a; head -c 48M /dev/zero > /dev/shm/b; echo survived");
    assertThat(ran.exit().signal() == 9 || !ran.out().contains("survived") || !ran.err().isEmpty())
        .isTrue();
  }

  @Test
  void scratch_isNoLargerThanMemory() throws Exception {
    try (Sandbox small = engine.sandbox(SMALL)) {
      TestEngine.boot(small, "");
      for (String place : new String[] {"/tmp", "/dev/shm"}) {
        assertThat(
                TestEngine.ask(
                    small, "(lambda s: s.f_blocks * s.f_frsize)(os.statvfs('" + place + "'))"))
            .isEqualTo(Long.toString(64L << 20));
      }
    }
  }

  @Test
  void processes_pastTheLimit_areRefusedAndOthersLive() throws Exception {
    try (Sandbox small = engine.sandbox(SMALL);
        Sandbox other = engine.sandbox(TestEngine.spec())) {
      TestEngine.boot(other, "");
      TestEngine.boot(
          small,
          """
          import errno, os, subprocess
          started = []
          def bomb():
              try:
                  while len(started) < 500:
                      started.append(subprocess.Popen(['/bin/sleep', '1000']))
              except OSError as e:
                  return len(started), errno.errorcode[e.errno]
          """);
      String[] result = TestEngine.ask(small, "bomb()").split("\\W+", -1);
      assertThat(Integer.parseInt(result[1])).isBetween(30, 40);
      assertThat(result[2]).isEqualTo("EAGAIN");
      assertThat(small.memory().processes()).isGreaterThan(30);
      assertThat(TestEngine.ask(other, "os.system('true')")).isEqualTo("0");
    }
  }

  @Test
  void memory_isMeasuredOverAllProcesses() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      TestEngine.boot(sandbox, "");
      SandboxMemory before = sandbox.memory();
      TestEngine.ask(sandbox, "state.setdefault('x', b'x' * (32 << 20)) and 1");
      TestEngine.ask(
          sandbox,
          "state.setdefault('p', __import__('subprocess').Popen(['sleep', '1000'])) and 1");
      eventually("both are seen", () -> sandbox.memory().processes() == 2);
      SandboxMemory after = sandbox.memory();
      assertThat(before.processes()).isEqualTo(1);
      assertThat(after.privateBytes() - before.privateBytes()).isBetween(32L << 20, 40L << 20);
      assertThat(after.residentBytes()).isGreaterThanOrEqualTo(after.proportionalBytes());
      assertThat(after.proportionalBytes()).isGreaterThanOrEqualTo(after.privateBytes());
    }
  }
}
