package dev.rekindle.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.engine.pages.LazyOptions;
import dev.rekindle.engine.pages.PageSession;
import dev.rekindle.engine.sandbox.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Open files, and the same files opened again by name, are one file to the function's clones. */
class FileIdentityTest {
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

  /** The service of the memory of the latest lazy restore. */
  private @Nullable PageSession pages;

  private RestoredProcess restore(Path snapshot, CheckpointResult checkpoint, RestoreMode mode) {
    pages = null;
    if (mode != RestoreMode.LAZY) {
      return engine.restore(
          snapshot, checkpoint.requirements(), mode, TestEngine.spec(), (s, b) -> {});
    }
    LazilyRestoredProcess lazy =
        engine.restoreLazily(
            snapshot,
            checkpoint.requirements(),
            TestEngine.spec(),
            (s, b) -> {},
            Optional.empty(),
            LazyOptions.recording());
    pages = lazy.pages();
    return lazy.process();
  }

  /** A process that still waits for pages of its own snapshot cannot be dumped. */
  private void awaitPages() throws Exception {
    if (pages != null) {
      pages.workingSet().get(20, TimeUnit.SECONDS);
      pages.done().get(20, TimeUnit.SECONDS);
    }
  }

  private static CheckpointResult checkpoint(Path target, String prologue, String... questions)
      throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, prologue);
      for (String question : questions) {
        assertThat(TestEngine.ask(sandbox, question)).isEqualTo("True");
      }
      return engine.checkpoint(sandbox, pid, target, true);
    }
  }

  /**
   * A writer that keeps its connection, and a second one that comes and goes, as pools and threads
   * have them. SQLite counts a process's locks by file, and knows files by device and inode.
   */
  private static String sqlite(String journal) {
    return """
    import sqlite3, subprocess, sys
    path = '/tmp/shop.db'
    def connect():
        c = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=0)
        c.execute('pragma synchronous=off')
        return c
    main = connect()
    main.execute('pragma journal_mode=%s')
    main.execute('create table t(n integer)')
    written = []
    def add(c, n):
        c.execute('insert into t values(%%d)' %% n); written.append(n)
    def rows(c): return [n for n, in c.execute('select n from t order by rowid')]
    def stranger():
        code = 'import sqlite3; print([n for n, in sqlite3.connect(%%r).execute("select n from t order by rowid")])'
        return eval(subprocess.run([sys.executable, '-c', code %% path], capture_output=True, text=True).stdout)
    def locked(c):
        try: c.execute('begin immediate')
        except sqlite3.OperationalError as e: return 'locked' in str(e)
        c.execute('rollback'); return False
    def round(n):
        add(main, 2 * n)
        other = connect(); add(other, 2 * n + 1); seen = rows(other)
        main.execute('begin immediate'); excluded = locked(other)
        other.close()
        # A third process must be kept out as well: closing other's file must not drop main's lock.
        code = 'import sqlite3; sqlite3.connect(%%r, timeout=0).execute("begin immediate")'
        kept_out = subprocess.run([sys.executable, '-c', code %% path], capture_output=True).returncode == 1
        main.execute('rollback')
        return excluded and kept_out and seen == rows(main) == stranger() == written
    """
        .formatted(journal);
  }

  @ParameterizedTest
  @CsvSource({
    "delete, MAPPED",
    "delete, LAZY",
    "delete, EAGER",
    "wal, MAPPED",
    "wal, LAZY",
    "wal, EAGER"
  })
  void sqlite_withTwoConnections_losesNothing(String journal, RestoreMode mode) throws Exception {
    CheckpointResult checkpoint = checkpoint(directory, sqlite(journal), "round(0)");
    for (int i = 1; i <= 2; i++) {
      try (Sandbox clone = restore(directory, checkpoint, mode).sandbox()) {
        for (int n = 1; n <= 5; n++) {
          assertThat(TestEngine.ask(clone, "round(" + n + ")"))
              .as("clone %d, round %d", i, n)
              .isEqualTo("True");
        }
      }
    }
  }

  /** Every call that tells an identity, on files of every kind of before. */
  private static final String FILES =
      """
      import ctypes, os, stat, struct, subprocess, sys, threading
      os.makedirs('/tmp/deep/er')
      held = open('/tmp/held', 'w+')
      shared = open('/dev/shm/shared', 'w+')
      inner = open('/tmp/deep/er/ inner\\nfile', 'w+')
      open('/tmp/closed', 'w').close()
      open('/tmp/gone', 'w').close(); gone = os.stat('/tmp/gone').st_ino; os.unlink('/tmp/gone')
      os.link('/tmp/held', '/tmp/deep/other')
      os.symlink('../held', '/tmp/deep/link')
      os.symlink('/tmp/deep', '/tmp/way')
      os.symlink('/proc/self/fd/%d' % held.fileno(), '/tmp/through')
      os.mkfifo('/tmp/fifo')
      top = os.open('/tmp', os.O_PATH)
      libc = ctypes.CDLL(None, use_errno=True)
      def of(s): return s.st_dev, s.st_ino
      def statx(directory, path, flags=0):
          b = ctypes.create_string_buffer(256)
          if libc.statx(directory, path, flags, 0x7ff, b): return ctypes.get_errno()
          return os.makedev(*struct.unpack_from('II', b, 136)), struct.unpack_from('Q', b, 32)[0]
      def old(number, path):
          b = ctypes.create_string_buffer(144)
          if libc.syscall(number, path, b): return ctypes.get_errno()
          return struct.unpack_from('QQ', b)
      def elsewhere(f):
          out = []
          t = threading.Thread(target=lambda: out.append(f())); t.start(); t.join()
          return out[0]
      def child(path):
          code = 'import os, sys; s = os.stat(sys.argv[1]); print((s.st_dev, s.st_ino))'
          return eval(subprocess.run([sys.executable, '-c', code, path], capture_output=True, text=True).stdout)
      def forked():
          r, w = os.pipe()
          if os.fork() == 0:
              os.write(w, repr(of(os.stat('/tmp/held'))).encode()); os._exit(0)
          os.wait(); os.close(w)
          with os.fdopen(r) as f: return eval(f.read())
      def fd(n): return b'/proc/self/fd/%d' % n
      def ways():
          n = held.fileno()
          return [of(os.fstat(n)), of(os.stat('/tmp/held')), of(os.lstat('/tmp/held')),
              of(os.stat('held', dir_fd=top)), of(os.stat('/tmp/deep/link')), of(os.stat('/tmp/way/link')),
              of(os.stat('/tmp/deep/other')), of(os.stat('/var/tmp/held')), of(os.stat('/tmp//deep/../held')),
              of(os.stat(fd(n))), of(os.stat('/dev/fd/%d' % n)), of(os.stat('/proc/%d/fd/%d' % (os.getpid(), n))),
              of(os.stat('/tmp/through')), of(os.stat('/proc/thread-self/cwd/held')), of(os.stat('held')),
              statx(-100, b'/tmp/held'), statx(top, b'held'), statx(n, b'', 0x1000), statx(n, None, 0x1000),
              statx(-100, b'/tmp/way/link'), old(4, b'/tmp/held'), old(6, b'/tmp/held'), old(5, n),
              elsewhere(lambda: of(os.stat('/tmp/held'))), elsewhere(lambda: of(os.stat(fd(n)))),
              child('/tmp/held'), forked()]
      def others():
          return [of(os.lstat(p)) for p in ('/tmp', '/tmp/deep', '/tmp/deep/er', '/tmp/deep/link', '/tmp/way',
              '/tmp/closed', '/tmp/fifo', '/dev/shm', '/dev/shm/shared', '/tmp/deep/er/ inner\\nfile')] + [
              of(os.fstat(f.fileno())) for f in (shared, inner)] + [of(os.stat(b'.')), statx(-100, b'', 0x1000)]
      def error(f):
          try: f()
          except OSError as e: return e.errno
      def errors():
          return [error(lambda: os.stat('/tmp/absent')), error(lambda: os.stat('/tmp/held/x')),
              error(lambda: os.stat('/tmp/held/')), error(lambda: os.lstat('/tmp/deep/link/')),
              error(lambda: os.stat('')), error(lambda: os.stat('x' * 256)), error(lambda: os.stat('x/' * 2100)),
              error(lambda: os.stat('/rekindle/private/x')), error(lambda: os.stat('/proc/1/fd/3')),
              error(lambda: os.lstat('/proc/1/fd/3')), error(lambda: os.stat('/proc/1/cwd')), error(lambda: os.stat('/proc/1/root/tmp')),
              error(lambda: os.fstat(999)), error(lambda: os.stat('x', dir_fd=999)),
              error(lambda: os.stat('x', dir_fd=held.fileno())), statx(-100, b'/tmp/held', 1 << 30),
              statx(-5, b'held'), statx(-100, None), old(4, None), old(5, -100), old(5, -1),
              libc.syscall(5, top, None), ctypes.get_errno(), libc.syscall(4, b'/tmp', ctypes.c_void_p(8)), ctypes.get_errno()]
      def loop():
          os.symlink('turn', '/tmp/turn')
          try: return error(lambda: os.stat('/tmp/turn'))
          finally: os.unlink('/tmp/turn')
      def later(name):
          with open(name, 'w') as f: return of(os.fstat(f.fileno())), of(os.stat(name))
      def seen(): return {of(os.lstat(os.path.join(d, n))) for t in ('/tmp', '/dev/shm') for d, ds, fs in os.walk(t) for n in ds + fs} | {(os.stat('/tmp').st_dev, gone)}
      def devices(): return len({os.stat(p).st_dev for p in ('/', '/dev', '/dev/shm', '/run', '/tmp', '/proc', '/usr')})
      ways_before, others_before, errors_before = ways(), others(), errors()
      devices_before = devices()
      """;

  @ParameterizedTest
  @EnumSource(names = {"MAPPED", "LAZY", "EAGER"})
  void files_keepTheirIdentity(RestoreMode mode, @TempDir Path second) throws Exception {
    CheckpointResult checkpoint =
        checkpoint(directory, FILES, "len(set(ways())) == 1 and ways() == ways_before");
    CheckpointResult again;
    RestoredProcess restored = restore(directory, checkpoint, mode);
    try (Sandbox clone = restored.sandbox()) {
      assertSameFiles(clone);
      TestEngine.ask(clone, "state.update(before=seen(), first=later('/tmp/first'))");
      assertThat(
              TestEngine.ask(
                  clone, "len(set(state['first'])), state['first'][0] in state['before']"))
          .as("a file of the clone's own is another one")
          .isEqualTo("(1, False)");
      awaitPages();
      again = engine.checkpoint(clone, restored.pid(), second, true);
    }
    try (Sandbox clone = restore(second, again, mode).sandbox()) {
      assertSameFiles(clone);
      assertThat(
              TestEngine.ask(clone, "of(os.stat('/tmp/first')) == state['first'][0], len(seen())"))
          .isEqualTo("(True, " + TestEngine.ask(clone, "len(state['before']) + 1") + ")");
      assertThat(TestEngine.ask(clone, "later('/tmp/second')[0] in seen() - {later('/tmp/third')}"))
          .isEqualTo("True");
      assertThat(TestEngine.ask(clone, "len(seen())"))
          .as("all are different")
          .isEqualTo(TestEngine.ask(clone, "len(state['before']) + 3"));
    }
  }

  private static void assertSameFiles(Sandbox clone) throws Exception {
    assertThat(TestEngine.ask(clone, "ways()")).isEqualTo(TestEngine.ask(clone, "ways_before"));
    assertThat(TestEngine.ask(clone, "others()")).isEqualTo(TestEngine.ask(clone, "others_before"));
    assertThat(TestEngine.ask(clone, "errors()")).isEqualTo(TestEngine.ask(clone, "errors_before"));
    assertThat(TestEngine.ask(clone, "loop()")).isEqualTo("40");
    assertThat(TestEngine.ask(clone, "devices() == devices_before")).isEqualTo("True");
  }

  /** A child with threads that look at files all the time, and a lock on a file that it maps. */
  private static final String BUSY =
      """
      import fcntl, mmap, os, signal, struct, threading, time
      held = open('/tmp/held', 'w+')
      with open('/tmp/mapped', 'wb') as f: f.write(bytes(4096))
      tally = mmap.mmap(-1, 4096) # of looks and of wrong ones
      def of(s): return s.st_dev, s.st_ino
      first = of(os.stat('/tmp/held'))
      def look(n):
          looks = wrong = 0
          while True:
              looks += 1
              wrong += of(os.fstat(held.fileno())) != first or of(os.stat('/tmp/held')) != first
              struct.pack_into('QQ', tally, 16 * n, looks, wrong)
      child = os.fork()
      if child == 0:
          os.close(3)
          mapped = open('/tmp/mapped', 'r+b'); memory = mmap.mmap(mapped.fileno(), 4096)
          fcntl.lockf(mapped, fcntl.LOCK_EX, 10, 100)
          for n in range(1, 4): threading.Thread(target=look, args=(n,), daemon=True).start()
          look(0)
      def tallies(): return [struct.unpack_from('QQ', tally, 16 * n) for n in range(4)]
      def looking():
          before = tallies()
          while any(a[0] < b[0] + 10 for a, b in zip(tallies(), before)): time.sleep(0.001)
          return sum(wrong for looks, wrong in tallies())
      def locked(start):
          with open('/tmp/mapped', 'r+b') as f:
              try: fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, start)
              except BlockingIOError: return True
              return False
      def end():
          os.kill(child, signal.SIGKILL)
          return os.waitpid(child, 0)[1], of(os.stat('/tmp/held')) == first
      """;

  @ParameterizedTest
  @EnumSource(names = {"MAPPED", "LAZY", "EAGER"})
  void calls_thatAreUnderWay_neverSeeAnotherIdentity(RestoreMode mode) throws Exception {
    CheckpointResult checkpoint =
        checkpoint(directory, BUSY, "looking() == 0", "locked(105) and not locked(110)");
    for (int clones = 0; clones < 5; clones++) {
      try (Sandbox clone = restore(directory, checkpoint, mode).sandbox()) {
        assertThat(TestEngine.ask(clone, "looking(), locked(100), locked(109), locked(110)"))
            .isEqualTo("(0, True, True, False)");
        assertThat(TestEngine.ask(clone, "end()")).isEqualTo("(9, True)");
      }
    }
  }

  @Test
  void snapshots_withoutOpenFiles_haveNothingToKeep() throws Exception {
    checkpoint(
        directory,
        "open('/tmp/x', 'w').close(); import os, tempfile; t = tempfile.TemporaryFile(); d = os.open('/tmp', 0)");
    assertThat(Files.exists(directory.resolve("identities"))).isFalse();
  }
}
