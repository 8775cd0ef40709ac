package dev.rekindle.engine;

import static dev.rekindle.engine.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.engine.sandbox.ExitStatus;
import dev.rekindle.engine.sandbox.OutputListener;
import dev.rekindle.engine.sandbox.Sandbox;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a function holds at its checkpoint is there in its clones. */
class CheckpointContentsTest {
  /** One function that holds something of every kind. */
  private static final String PROLOGUE =
      """
      import hashlib, os, signal, socket, stat, subprocess, sys, threading, time
      def write(path, data, mode=0o644):
          with open(path, 'wb') as f: f.write(data)
          os.chmod(path, mode)
      os.makedirs('/tmp/deep/er')
      write('/tmp/deep/er/file', b'content', 0o640)
      write('/tmp/new\\nline and spaces', b'x')
      write('/tmp/tool', b'#!/bin/sh\\necho ran\\n', 0o755)
      write('/dev/shm/shared', b's' * 5000, 0o600)
      os.symlink('deep/er/file', '/tmp/link')
      os.symlink('/absent', '/tmp/dangling')
      os.link('/tmp/deep/er/file', '/tmp/hard')
      os.mkfifo('/tmp/fifo')
      os.mkdir('/tmp/sticky'); os.chmod('/tmp/sticky', 0o3770)
      os.utime('/tmp/deep/er/file', ns=(1, 1_500_000_000_123_456_789))
      with open('/tmp/sparse', 'wb') as f: f.truncate(64 << 20)
      opened = open('/tmp/opened', 'w+'); opened.write('half'); opened.flush()
      deleted = open('/tmp/deleted', 'w+'); deleted.write('gone but here'); deleted.flush()
      os.unlink('/tmp/deleted')
      large = open('/tmp/large', 'w+b'); large.write(b'l' * (3 << 20)); large.flush()
      os.unlink('/tmp/large')
      write('/tmp/one name', b'two names'); os.link('/tmp/one name', '/tmp/other name')
      unlinked = open('/tmp/one name'); os.unlink('/tmp/one name')
      child = subprocess.Popen(['/bin/cat'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
      zombie = subprocess.Popen(['/bin/sh', '-c', 'exit 5'])
      while open('/proc/%d/stat' % zombie.pid).read().rsplit(')', 1)[1].split()[0] != 'Z':
          time.sleep(0.001)
      count = [0]
      def tick():
          while True:
              count[0] += 1
              time.sleep(0.001)
      threading.Thread(target=tick, daemon=True).start()
      alarms = []
      signal.signal(signal.SIGALRM, lambda *a: alarms.append(1))
      signal.setitimer(signal.ITIMER_REAL, 3600)
      r, w = os.pipe(); os.write(w, b'in the pipe')
      pair = socket.socketpair(); pair[0].sendall(b'in the socket')
      tcp = socket.create_server(('127.0.0.1', 8080))
      os.environ['CHANGED'] = 'yes'
      os.chdir('/tmp/deep')
      def tree():
          out = []
          for top in ('/tmp', '/dev/shm'):
              for d, dirs, files in os.walk(top):
                  for n in sorted(dirs + files):
                      p = os.path.join(d, n); s = os.lstat(p)
                      what = os.readlink(p) if stat.S_ISLNK(s.st_mode) else ''
                      if stat.S_ISREG(s.st_mode): what = hashlib.sha1(open(p, 'rb').read()).hexdigest()
                      size = s.st_size if stat.S_ISREG(s.st_mode) else 0
                      out.append((p, oct(s.st_mode), s.st_uid, s.st_gid, s.st_nlink, size, s.st_mtime_ns, what))
          return sorted(out)
      def cat(text):
          child.stdin.write(text); child.stdin.flush()
          return os.read(child.stdout.fileno(), 100)
      def seek_read(f):
          f.seek(0); return f.read()
      def connect():
          c = socket.create_connection(('127.0.0.1', 8080)); s, _ = tcp.accept()
          c.sendall(b'hi'); return s.recv(2)
      def counting():
          n = count[0]
          while count[0] == n: time.sleep(0.001)
          return True
      """;

  private static SnapshotEngine engine;
  private static CheckpointResult checkpoint;
  private static String treeBefore = "";

  @TempDir static Path snapshot;

  @BeforeAll
  static void checkpoint() throws Exception {
    engine = TestEngine.open();
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, PROLOGUE);
      treeBefore = TestEngine.ask(sandbox, "tree()");
      checkpoint = engine.checkpoint(sandbox, pid, snapshot, true);
      assertThat(TestEngine.ask(sandbox, "counting(), cat(b'still'), os.waitpid(zombie.pid, 0)[1]"))
          .as("the original runs on")
          .isEqualTo("(True, b'still', 1280)");
      assertThat(TestEngine.ask(sandbox, "tree()")).isEqualTo(treeBefore);
    }
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  private static RestoredProcess restore(Path from, RestoreMode mode, OutputListener listener) {
    return engine.restore(from, checkpoint.requirements(), mode, TestEngine.spec(), listener);
  }

  @ParameterizedTest
  @EnumSource(names = {"EAGER", "MAPPED"})
  void clone_holdsAllThatTheFunctionHeld(RestoreMode mode) throws Exception {
    RestoredProcess restored = restore(snapshot, mode, (s, b) -> {});
    try (Sandbox clone = restored.sandbox()) {
      assertThat(restored.pid()).isEqualTo(300);
      assertThat(TestEngine.ask(clone, "tree()").replace("), (", "),\n("))
          .isEqualTo(treeBefore.replace("), (", "),\n("));
      assertThat(TestEngine.ask(clone, "opened.tell(), seek_read(opened)"))
          .isEqualTo("(4, 'half')");
      assertThat(TestEngine.ask(clone, "seek_read(deleted), os.path.exists('/tmp/deleted')"))
          .isEqualTo("('gone but here', False)");
      assertThat(TestEngine.ask(clone, "seek_read(unlinked)")).isEqualTo("'two names'");
      assertThat(TestEngine.ask(clone, "os.stat('/tmp/sparse').st_blocks")).isEqualTo("0");
      assertThat(TestEngine.ask(clone, "seek_read(large) == b'l' * (3 << 20)")).isEqualTo("True");
      assertThat(TestEngine.ask(clone, "cat(b'to a child')")).isEqualTo("b'to a child'");
      assertThat(TestEngine.ask(clone, "os.waitpid(zombie.pid, 0)[1] >> 8")).isEqualTo("5");
      assertThat(TestEngine.ask(clone, "counting()")).as("threads run").isEqualTo("True");
      assertThat(TestEngine.ask(clone, "3500 < signal.getitimer(signal.ITIMER_REAL)[0] < 3600"))
          .isEqualTo("True");
      assertThat(TestEngine.ask(clone, "os.kill(os.getpid(), signal.SIGALRM), len(alarms) < 2"))
          .isEqualTo("(None, True)");
      assertThat(TestEngine.ask(clone, "len(alarms)")).as("handlers stay").isEqualTo("1");
      assertThat(TestEngine.ask(clone, "os.read(r, 99), pair[1].recv(99)"))
          .isEqualTo("(b'in the pipe', b'in the socket')");
      assertThat(TestEngine.ask(clone, "connect()")).isEqualTo("b'hi'");
      assertThat(TestEngine.ask(clone, "os.getcwd(), os.environ['CHANGED']"))
          .isEqualTo("('/tmp/deep', 'yes')");
      assertThat(TestEngine.ask(clone, "subprocess.run(['/tmp/tool'], capture_output=True).stdout"))
          .isEqualTo("b'ran\\n'");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"EAGER", "MAPPED"})
  void clone_hasNoMorePrivilegesThanTheFunction(RestoreMode mode) throws Exception {
    try (Sandbox clone = restore(snapshot, mode, (s, b) -> {}).sandbox()) {
      String status =
          TestEngine.ask(
              clone,
              "{k: v for k, v in (l.split(':\\t', 1) for l in"
                  + " open('/proc/self/status').read().splitlines() if ':\\t' in l) if k in"
                  + " ('Uid', 'Gid', 'CapPrm', 'CapEff', 'CapBnd', 'NoNewPrivs', 'Seccomp')}");
      assertThat(status)
          .contains("'Uid': '61100\\t61100\\t61100\\t61100'")
          .contains("'Gid': '61100\\t61100\\t61100\\t61100'")
          .contains("'CapPrm': '0000000000000000'", "'CapEff': '0000000000000000'")
          .contains("'CapBnd': '0000000000000000'", "'NoNewPrivs': '1'", "'Seccomp': '2'");
      assertThat(TestEngine.ask(clone, "__import__('ctypes').CDLL(None).syscall(425, 8, 0)"))
          .as("io_uring_setup")
          .isEqualTo("-1");
      assertThat(TestEngine.ask(clone, "open('/proc/self/oom_score_adj').read()"))
          .isEqualTo("'1000\\n'");
      assertThat(
              TestEngine.ask(clone, "os.rename('/run/rekindle/function.sock', '/run/rekindle/x')"))
          .contains("PermissionError");
    }
  }

  @Test
  void clone_printsToItsOwnListenerAndItsEndIsSeen() throws Exception {
    Printed first = new Printed();
    Printed second = new Printed();
    RestoredProcess a = restore(snapshot, RestoreMode.MAPPED, first);
    RestoredProcess b = restore(snapshot, RestoreMode.MAPPED, second);
    try (Sandbox one = a.sandbox();
        Sandbox two = b.sandbox()) {
      TestEngine.ask(one, "print('one', flush=True)");
      TestEngine.ask(two, "print('two', flush=True)");
      CompletableFuture<ExitStatus> exit = one.exit(a.pid());
      TestEngine.ask(one, "(print('dying', flush=True), os._exit(3))");
      assertThat(exit.get(20, TimeUnit.SECONDS)).isEqualTo(new ExitStatus(3, 0));
      assertThat(first.out()).isEqualTo("one\ndying\n");
      eventually("the other's output", () -> second.out().equals("two\n"));
      assertThat(TestEngine.ask(two, "1 + 1")).isEqualTo("2");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"EAGER", "MAPPED"})
  void clone_canBeCheckpointedAndRestoredAgain(RestoreMode mode, @TempDir Path second)
      throws Exception {
    RestoredProcess restored = restore(snapshot, mode, (s, b) -> {});
    CheckpointResult again;
    try (Sandbox clone = restored.sandbox()) {
      TestEngine.ask(clone, "state.update(generation=2), write('/tmp/second', b'2')");
      again = engine.checkpoint(clone, restored.pid(), second, true);
      assertThat(TestEngine.ask(clone, "state, counting()")).isEqualTo("({'generation': 2}, True)");
    }
    Printed printed = new Printed();
    RestoredProcess grandchild =
        engine.restore(second, again.requirements(), mode, TestEngine.spec(), printed);
    try (Sandbox clone = grandchild.sandbox()) {
      assertThat(
              TestEngine.ask(
                  clone,
                  "state, counting(), open('/tmp/second').read(), seek_read(deleted),"
                      + " cat(b'x'), os.getpid(), print('out', flush=True)"))
          .isEqualTo("({'generation': 2}, True, '2', 'gone but here', b'x', 300, None)");
      eventually("its output", () -> printed.out().equals("out\n"));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"EAGER", "MAPPED"})
  void checkpoint_thatDoesNotLeaveTheFunctionRunning_endsIt(RestoreMode mode, @TempDir Path target)
      throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, "state_before = 7");
      CompletableFuture<ExitStatus> exit = sandbox.exit(pid);
      engine.checkpoint(sandbox, pid, target, false);
      assertThat(exit.get(20, TimeUnit.SECONDS).signal()).isEqualTo(9);
      eventually("no process left", () -> sandbox.memory().processes() == 0);
    }
    try (Sandbox clone = restore(target, mode, (s, b) -> {}).sandbox()) {
      assertThat(TestEngine.ask(clone, "state_before")).isEqualTo("7");
    }
  }

  @Test
  void checkpoint_ofFilesWrittenAllTheTime_isOfOneMoment(@TempDir Path target) throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid =
          TestEngine.boot(
              sandbox,
              """
              import os, threading
              n = [0]
              def write():
                  while True:
                      n[0] += 1
                      path = '/tmp/%d' % n[0]
                      with open(path, 'w') as f: f.write(str(n[0]))
                      os.unlink(path)
              threading.Thread(target=write, daemon=True).start()
              """);
      engine.checkpoint(sandbox, pid, target, true);
    }
    try (Sandbox clone = restore(target, RestoreMode.EAGER, (s, b) -> {}).sandbox()) {
      assertThat(TestEngine.ask(clone, "n[0] > 0 and len(os.listdir('/tmp')) < 2"))
          .isEqualTo("True");
    }
  }
}
