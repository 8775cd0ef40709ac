package dev.rekindle.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rekindle.engine.sandbox.Sandbox;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of /tmp and /dev/shm come back with all that belongs to them. */
class ScratchFilesTest {
  private static final String UNUSUAL =
      """
      import os
      os.mkdir('/tmp/dir')
      for path in ('/tmp/attributes', '/dev/shm/attributes'):
          open(path, 'w').close()
          os.setxattr(path, 'user.colour', b'\\0blue\\n=')
      os.setxattr('/tmp/dir', 'user.empty', b'')
      # A POSIX ACL: rw for the owner, r for user 61100 by name, a mask.
      acl = bytes.fromhex('02000000' '0100' '0600' 'ffffffff' '0200' '0400' 'acee0000'
          '0400' '0000' 'ffffffff' '1000' '0400' 'ffffffff' '2000' '0000' 'ffffffff')
      os.setxattr('/tmp/attributes', 'system.posix_acl_access', acl)
      os.makedirs('/tmp/a'); open('/tmp/a/one', 'w').write('1')
      os.link('/tmp/a/one', '/tmp/dir/two'); os.link('/tmp/a/one', '/tmp/\u00e4\\\\three')
      longest = '/tmp/' + 'n' * 255
      open(longest, 'w').write('long')
      deepest = '/tmp' + ''.join('/' + 'd' * 200 for i in range(20))
      os.makedirs(deepest)
      deepest += '/' + 'f' * (4095 - len(deepest) - 1)
      open(deepest, 'w').write('deep')
      def xattrs(path): return {n: os.getxattr(path, n) for n in sorted(os.listxattr(path))}
      def all(): return [xattrs('/tmp/attributes'), xattrs('/dev/shm/attributes'), xattrs('/tmp/dir'),
          len({os.stat(p).st_ino for p in ('/tmp/a/one', '/tmp/dir/two', '/tmp/\u00e4\\\\three')}),
          os.stat('/tmp/a/one').st_nlink, open(longest).read(), open(deepest).read(), len(deepest)]
      before = all()
      """;

  private static final String REMAPS =
      """
      import os
      os.mkdir('/tmp/d')
      mine = open('/tmp/d/link_remap.%d', 'w+'); mine.write('mine'); mine.flush()
      closed = open('/tmp/d/link_remap.%d', 'w'); closed.write('closed'); closed.close()
      open('/tmp/d/one', 'w').write('two names'); os.link('/tmp/d/one', '/tmp/other')
      nameless = open('/tmp/d/one'); os.unlink('/tmp/d/one')
      names = lambda: (sorted(os.listdir('/tmp/d')), open(mine.name).read(), open('/tmp/other').read())
      before = names()
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

  private Sandbox restore(CheckpointResult checkpoint) {
    return engine
        .restore(
            directory,
            checkpoint.requirements(),
            RestoreMode.MAPPED,
            TestEngine.spec(),
            (s, b) -> {})
        .sandbox();
  }

  @Test
  void attributes_hardLinksAndLongestNames_comeBack() throws Exception {
    CheckpointResult checkpoint;
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, UNUSUAL);
      checkpoint = engine.checkpoint(sandbox, pid, directory, true);
    }
    try (Sandbox clone = restore(checkpoint)) {
      assertThat(TestEngine.ask(clone, "all()")).isEqualTo(TestEngine.ask(clone, "before"));
      assertThat(TestEngine.ask(clone, "before"))
          .contains("user.colour", "system.posix_acl_access", "'long', 'deep', 4095");
    }
  }

  @Test
  void files_namedAsCriuNamesIts_stay() throws Exception {
    CheckpointResult checkpoint;
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, REMAPS.formatted(70001, 70002));
      checkpoint = engine.checkpoint(sandbox, pid, directory, true);
      assertThat(TestEngine.ask(sandbox, "names() == before")).isEqualTo("True");
    }
    try (Sandbox clone = restore(checkpoint)) {
      assertThat(TestEngine.ask(clone, "names()")).isEqualTo(TestEngine.ask(clone, "before"));
      assertThat(TestEngine.ask(clone, "nameless.read()")).isEqualTo("'two names'");
    }
  }

  @Test
  void files_inThePlaceOfCriusOwn_areARefusalThatSaysSo() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid =
          TestEngine.boot(
              sandbox,
              REMAPS.formatted(70001, 70002)
                  + "for i in range(1, 300): open('/tmp/d/link_remap.%d' % i, 'w').close()\n");
      assertThatThrownBy(() -> engine.checkpoint(sandbox, pid, directory, true))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("link_remap.NUMBER");
      assertThat(TestEngine.ask(sandbox, "nameless.read()")).as("it runs on").contains("two");
    }
  }
}
