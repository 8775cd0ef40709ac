package dev.rekindle.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rekindle.engine.sandbox.Sandbox;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs that hold what cannot be frozen are told what it is, and go on. */
class DumpObstacleTest {
  private static final String PROLOGUE =
      """
      import ctypes, fcntl, mmap, os, socket, struct, time
      libc = ctypes.CDLL(None, use_errno=True)
      kept = []
      def call(number, *arguments):
          result = libc.syscall(number, *arguments)
          assert result >= 0, os.strerror(ctypes.get_errno())
          kept.append(result)
          return result
      def keep(value):
          kept.append(value)
          return value
      def traces():
          pid = os.fork()
          if pid == 0:
              os.close(3)
              libc.ptrace(0, 0, 0, 0)
              while True: time.sleep(60)
          time.sleep(0.2)
      %s
      """;

  private static SnapshotEngine engine;

  @TempDir Path directory;

  @BeforeAll
  static void open() throws Exception {
    engine = TestEngine.open();
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  // The numbers are x86-64's: userfaultfd, memfd_secret, mq_open, pidfd_open,
  // landlock_create_ruleset.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "call(323, 1)|it holds a userfaultfd (descriptor 4)",
        "call(444, struct.pack('Q', 1), 8, 0)|it holds a Landlock rule set (descriptor 4)",
        "keep(socket.socket(40, socket.SOCK_STREAM))|socket of family 40 (AF_VSOCK)",
        "keep(socket.socket(16, 3, 0)).bind((0, 0));"
            + " kept[0].send(struct.pack('IHHIIB3x', 20, 18, 0x301, 1, 0, 0))"
            + "|it holds a netlink socket with unread messages",
        "u = keep(socket.socket(2, 2)); u.connect(('127.0.0.1', 53)); u.setsockopt(17, 1, 1);"
            + " u.send(b'x')|half-written (corked) message",
        "call(447, 0)|it holds secret memory (memfd_secret)",
        "os.ftruncate(call(447, 0), 4096); keep(mmap.mmap(kept[0], 4096))"
            + "|it holds secret memory (memfd_secret)",
        "call(240, b'q', os.O_CREAT + os.O_RDWR, 0o600, 0)|it holds /q (descriptor 4)",
        "call(434, os.getpid(), 0x80)|it holds a pidfd of a thread",
        "os.write(keep(os.pipe2(os.O_DIRECT))[1], b'x')|it holds a pipe in packet mode",
        "libc.shmat.restype = ctypes.c_void_p; libc.shmat(libc.shmget(1, 4096, 0o1600), None, 0)"
            + "|it holds System V shared memory",
        "traces()|one of its processes traces another (ptrace)",
      })
  void checkpoint_ofWhatCannotBeFrozen_namesItAndTheFunctionGoesOn(String program, String said)
      throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, PROLOGUE.formatted(program));
      CheckpointException e =
          catchThrowableOfType(
              CheckpointException.class, () -> engine.checkpoint(sandbox, pid, directory, true));
      assertThat(e.kind()).isEqualTo(CheckpointException.Cause.REFUSED);
      assertThat(e.getMessage().lines().findFirst().orElseThrow())
          .as(e.getMessage())
          .startsWith("the function cannot be frozen: ")
          .contains(said);
      assertThat(e.functionAlive()).isTrue();
      assertThat(TestEngine.ask(sandbox, "1 + 1")).isEqualTo("2");
    }
  }

  @Test
  void multipathTcp_isRefusedToPrograms_sinceItCannotBeFrozen() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, "");
      assertThat(TestEngine.ask(sandbox, "socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)"))
          .contains("Protocol not supported");
      assertThat(TestEngine.ask(sandbox, "socket.socket(socket.AF_INET, socket.SOCK_STREAM, 6)"))
          .startsWith("<socket");
      engine.checkpoint(sandbox, pid, directory, false);
    }
  }

  // What no program can hold in a sandbox today, in the words of CRIU's source.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Can't dump file 7 of that type [20666] (chr 10:229)|character device 10:229 (descriptor 7)",
        "Can't dump file 7 of that type [60660] (blk 8:1)|block device 8:1 (descriptor 7)",
        "Can't dump file 5 of that type [600] (anon anon_inode:[io_uring])|an io_uring (descriptor 5)",
        "Can't dump file 5 of that type [600] (anon anon_inode:[new])|kernel object of type new",
        "inet: Unsupported proto 132 for socket 1a|socket of protocol 132 (SCTP)",
        "Can't dump ghost file /tmp/x of 2000000000 size, increase limit|/tmp/x of 2000000000 bytes",
      })
  void find_messagesOfCriu_areReadInTheFunctionsTerms(String message, String said) {
    assertThat(
            DumpObstacle.find(List.of("Warn  (criu/a.c:1): b", "Error (criu/c.c:9): " + message)))
        .hasValueSatisfying(sentence -> assertThat(sentence).contains(said));
  }

  @Test
  void find_logsOfOtherContent_saysNothing() {
    assertThat(DumpObstacle.find(List.of())).isEmpty();
    Random random = new Random(11);
    for (int round = 0; round < 2_000; round++) {
      String line =
          random
              .ints(random.nextInt(200), 1, 0x250)
              .mapToObj(Character::toString)
              .collect(Collectors.joining());
      assertThat(DumpObstacle.find(List.of(line, "Error (criu/cr-dump.c:1975): Dumping FAILED.")))
          .isEmpty();
    }
  }

  @Test
  void find_cutMessages_neverFails() {
    String message =
        "Error (criu/files-ext.c:94): Can't dump file 4 of that type [600] (anon anon_inode:[userfaultfd])";
    for (int length = 0; length < message.length(); length++) {
      assertThat(DumpObstacle.find(List.of(message.substring(0, length)))).isEmpty();
    }
    assertThat(DumpObstacle.find(List.of(message))).isPresent();
  }
}
