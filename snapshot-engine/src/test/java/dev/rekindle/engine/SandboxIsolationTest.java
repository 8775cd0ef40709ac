package dev.rekindle.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.engine.sandbox.SandboxException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a function can reach from within its sandbox, and what it cannot. */
class SandboxIsolationTest {
  /** Calls that answer with an errno's name, or "done". */
  private static final String PROLOGUE =
      """
      import ctypes, errno, glob, signal, stat, subprocess
      libc = ctypes.CDLL(None, use_errno=True)
      def call(number, *args):
          r = libc.syscall(number, *args)
          return errno.errorcode[ctypes.get_errno()] if r < 0 else 'done'
      def attempt(f, *args):
          try:
              f(*args)
              return 'done'
          except OSError as e:
              return errno.errorcode[e.errno]
      def read(path):
          with open(path) as f: return f.read()
      def field(name):
          return [l for l in read('/proc/self/status').splitlines() if l.startswith(name)][0].split()[1]
      def over_loopback(family, address):
          a = socket.socket(family); a.bind((address, 0)); a.listen()
          b = socket.create_connection(a.getsockname()[:2]); c, _ = a.accept()
          b.sendall(b'hello'); return c.recv(5)
      def setuid_files():
          found = []
          for top in ('/usr/bin', '/usr/sbin', '/usr/lib/dbus-1.0', '/usr/lib/openssh'):
              for d, _, files in os.walk(top):
                  for f in files:
                      try:
                          if os.lstat(os.path.join(d, f)).st_mode & 0o6000: return os.path.join(d, f)
                      except OSError: pass
      """;

  private static SnapshotEngine engine;
  private static Sandbox sandbox;

  @BeforeAll
  static void open() throws Exception {
    engine = TestEngine.open();
    sandbox = engine.sandbox(TestEngine.spec());
    TestEngine.boot(sandbox, PROLOGUE);
  }

  @AfterAll
  static void close() {
    sandbox.close();
    engine.close();
  }

  private static String ask(String expression) throws Exception {
    return TestEngine.ask(sandbox, expression);
  }

  @ParameterizedTest
  @CsvSource({
    "CapInh,0000000000000000",
    "CapPrm,0000000000000000",
    "CapEff,0000000000000000",
    "CapBnd,0000000000000000",
    "CapAmb,0000000000000000",
    "NoNewPrivs,1",
    "Seccomp,2",
    "Groups:,''",
  })
  void status_showsNoPrivilege(String field, String value) throws Exception {
    String line =
        ask(
            "[l for l in read('/proc/self/status').splitlines() if l.startswith('"
                + field
                + "')][0]");
    assertThat(line.replaceAll("'$", "").replaceFirst("^'[^:]*:(\\\\t)?", "").trim())
        .isEqualTo(value);
  }

  @Test
  void identity_isTheFunctionsOwn() throws Exception {
    assertThat(ask("os.getresuid(), os.getresgid(), os.getgroups(), os.getsid(0), os.getpid()"))
        .isEqualTo("((61100, 61100, 61100), (61100, 61100, 61100), [], 300, 300)");
    assertThat(ask("os.uname().nodename")).isEqualTo("'test'");
    assertThat(ask("__import__('pwd').getpwuid(os.getuid()).pw_name")).isEqualTo("'function'");
    assertThat(ask("len(read('/etc/passwd').splitlines())")).isEqualTo("2");
  }

  @Test
  void setuidProgram_givesNothing() throws Exception {
    assertThat(ask("setuid_files() is not None"))
        .as("the host has such programs")
        .isEqualTo("True");
    assertThat(
            ask(
                "subprocess.run(['/bin/su', '-c', 'id'], input='', capture_output=True).returncode != 0"))
        .isEqualTo("True");
    assertThat(
            ask(
                "[l for l in read('/proc/self/mountinfo').splitlines() if 'nosuid' not in l and ' /dev/' not in l]"))
        .as("mounts on which set-user-id would count")
        .isEqualTo("[]");
  }

  /** io_uring (three calls), keyrings (three), the kernel's log, and new user namespaces. */
  @ParameterizedTest
  @CsvSource({
    "'425, 8, 0', ENOSYS",
    "'426, 0, 0, 0, 0, 0', ENOSYS",
    "'427, 0, 0, 0, 0', ENOSYS",
    "'248, b\"user\", b\"k\", b\"v\", 1, -4', ENOSYS",
    "'249, b\"user\", b\"k\", 0, 0', ENOSYS",
    "'250, 0, -3, 0', ENOSYS",
    "'103, 3, ctypes.create_string_buffer(4096), 4096', EPERM",
    "'272, 0x10000000', EPERM",
    "'56, 0x10000011, 0, 0, 0, 0', EPERM",
    "'435, ctypes.create_string_buffer(88), 88', ENOSYS",
  })
  void systemCall_isRefused(String call, String error) throws Exception {
    assertThat(ask("call(" + call + ")")).isEqualTo("'" + error + "'");
  }

  @Test
  void threadsAndChildren_stillStart() throws Exception {
    assertThat(
            ask(
                "[t.join() for t in [__import__('threading').Thread(target=print)] if not t.start()]"))
        .isEqualTo("[None]");
    assertThat(ask("subprocess.run(['/bin/echo', 'x'], capture_output=True).stdout"))
        .isEqualTo("b'x\\n'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/proc/1/environ",
        "/proc/1/maps",
        "/proc/1/mem",
        "/etc/shadow",
        "/proc/kcore",
      })
  void read_ofSecrets_isRefused(String path) throws Exception {
    assertThat(ask("attempt(read, '" + path + "')")).isIn("'EACCES'", "'EPERM'", "'ENOENT'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/proc/1/root",
        "/proc/1/cwd",
        "/proc/1/fd",
        "/rekindle/private",
        "/rekindle/private/work",
      })
  void list_ofInitsThings_isRefused(String path) throws Exception {
    assertThat(ask("attempt(os.listdir, '" + path + "')")).isIn("'EACCES'", "'EPERM'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/x",
        "/usr/x",
        "/etc/x",
        "/opt/x",
        "/dev/x",
        "/run/x",
        "/rekindle/x",
        "/proc/sysrq-trigger",
        "/proc/sys/kernel/core_pattern",
      })
  void write_outsideScratch_isRefused(String path) throws Exception {
    assertThat(ask("attempt(open, '" + path + "', 'w')"))
        .isIn("'EACCES'", "'EPERM'", "'EROFS'", "'ENOENT'");
  }

  @Test
  void view_showsNoHostDirectories() throws Exception {
    assertThat(ask("len([p for p in os.listdir('/proc') if p.isdigit()]) < 5"))
        .as("only its own processes")
        .isEqualTo("True");
    assertThat(
            ask(
                "[d for d in ('/root', '/home', '/work', '/boot', '/mnt', '/srv') if os.path.exists(d)]"))
        .isEqualTo("[]");
    assertThat(ask("os.listdir('/run/rekindle')")).isEqualTo("['function.sock']");
    assertThat(ask("sorted(os.listdir('/tmp') + os.listdir('/dev/shm'))")).isEqualTo("[]");
  }

  @Test
  void devices_areTheHarmlessOnes() throws Exception {
    assertThat(ask("sorted(os.listdir('/dev'))"))
        .isEqualTo(
            "['fd', 'full', 'null', 'random', 'shm', 'stderr', 'stdin', 'stdout', 'tty',"
                + " 'urandom', 'zero']");
    assertThat(
            ask(
                "open('/dev/zero', 'rb').read(2), len(open('/dev/urandom', 'rb').read(9)), open('/dev/null', 'w').write('x')"))
        .isEqualTo("(b'\\x00\\x00', 9, 1)");
    assertThat(ask("attempt(os.mknod, '/tmp/d', stat.S_IFBLK | 0o600, os.makedev(254, 0))"))
        .isEqualTo("'EPERM'");
  }

  @Test
  void init_cannotBeSignalledOrTraced() throws Exception {
    assertThat(ask("attempt(os.kill, 1, 9)")).isEqualTo("'EPERM'");
    assertThat(ask("call(101, 16, 1, 0, 0)")).isEqualTo("'EPERM'");
  }

  @Test
  void network_isItsOwnLoopback() throws Exception {
    assertThat(ask("socket.if_nameindex()")).isEqualTo("[(1, 'lo')]");
    assertThat(ask("over_loopback(socket.AF_INET, '127.0.0.1')")).isEqualTo("b'hello'");
    assertThat(ask("attempt(socket.create_connection, ('192.0.2.1', 80), 5)"))
        .isEqualTo("'ENETUNREACH'");
    assertThat(ask("read('/proc/net/unix').count('@')")).as("abstract sockets").isEqualTo("0");
  }

  @Test
  void socketDirectory_isSealedOnceTheFunctionIsReady() throws Exception {
    assertThat(ask("attempt(os.symlink, '/elsewhere', '/run/rekindle/other.sock')"))
        .isEqualTo("'EACCES'");
    assertThat(ask("attempt(os.unlink, '/run/rekindle/function.sock')")).isEqualTo("'EACCES'");
    assertThat(ask("attempt(open, '/run/rekindle/large', 'w')")).isEqualTo("'EACCES'");
  }

  @Test
  void socket_thatIsALink_isTakenAway() throws Exception {
    try (Sandbox other = engine.sandbox(TestEngine.spec())) {
      String trap =
          """
          import os, time
          os.symlink('/run/rekindle/victim', '/run/rekindle/function.sock')
          open('/run/rekindle/file', 'w')
          os.mkdir('/run/rekindle/directory')
          os.write(3, b'{"ok":true}'); os.close(3)
          time.sleep(60)
          """;
      other.spawn(List.of("/usr/bin/python3", "-c", trap), Map.of(), "/tmp");
      assertThat(other.readiness().get(20, TimeUnit.SECONDS)).contains("ok");
      Path socket = other.socketDirectory().resolve("function.sock");
      assertThat(Files.exists(socket, LinkOption.NOFOLLOW_LINKS))
          .as("the engine's user would follow it to any socket of the host")
          .isFalse();
      assertThat(other.socketDirectory().resolve("file")).doesNotExist();
    }
  }

  @Test
  void hostDirectories_areClosedToOthers() throws Exception {
    String[] daemon =
        Files.readString(Path.of("/proc/" + engine.daemonPid() + "/cmdline")).split("\0", -1);
    Path control = Path.of(daemon[1]);
    assertThat(Files.getAttribute(control, "unix:uid")).isEqualTo(0);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(control)))
        .as("who may connect can have sandboxes made")
        .doesNotContain("w-x", "rw-r", "rwxrw");
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(sandbox.workDirectory())))
        .isEqualTo("rwx------");
  }

  @Test
  void sandbox_ofClosedEngine_cannotBeReached() throws Exception {
    SnapshotEngine other = TestEngine.open();
    Sandbox orphan = other.sandbox(TestEngine.spec());
    other.close();
    assertThatThrownBy(orphan::memory).isInstanceOf(SandboxException.class);
    orphan.close();
  }
}
