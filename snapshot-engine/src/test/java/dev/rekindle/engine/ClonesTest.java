package dev.rekindle.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.engine.sandbox.Sandbox;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many clones of one snapshot at once. */
class ClonesTest {
  private static final int CLONES = 50;

  @TempDir Path directory;

  @Test
  void clones_atOnce_areTheSameProcessWithStatesOfTheirOwn() throws Exception {
    ExecutorService workers = Executors.newFixedThreadPool(8);
    List<RestoredProcess> clones = new ArrayList<>();
    try (SnapshotEngine engine = TestEngine.open()) {
      CheckpointResult checkpoint;
      try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
        int pid = TestEngine.boot(sandbox, "import socket; open('/tmp/f', 'w').write('first')");
        TestEngine.ask(sandbox, "state.update(tcp=socket.create_server(('127.0.0.1', 8080)))");
        checkpoint = engine.checkpoint(sandbox, pid, directory, false);
      }
      List<Future<RestoredProcess>> restores = new ArrayList<>();
      for (int i = 0; i < CLONES; i++) {
        RestoreMode mode = i % 5 == 0 ? RestoreMode.EAGER : RestoreMode.MAPPED;
        restores.add(
            workers.submit(
                () ->
                    engine.restore(
                        directory,
                        checkpoint.requirements(),
                        mode,
                        TestEngine.spec(),
                        (s, b) -> {})));
      }
      for (Future<RestoredProcess> restore : restores) {
        clones.add(restore.get(30, TimeUnit.SECONDS));
      }
      for (int i = 0; i < CLONES; i++) {
        Sandbox clone = clones.get(i).sandbox();
        assertThat(TestEngine.ask(clone, "os.getpid(), open('/tmp/f').read(), state.get('i')"))
            .isEqualTo("(300, 'first', None)");
        TestEngine.ask(clone, "state.update(i=" + i + "), open('/tmp/f', 'w').write('" + i + "')");
      }
      for (int i = 0; i < CLONES; i++) {
        assertThat(TestEngine.ask(clones.get(i).sandbox(), "state['i'], open('/tmp/f').read()"))
            .isEqualTo("(" + i + ", '" + i + "')");
      }
    } finally {
      workers.shutdownNow();
      clones.forEach(clone -> clone.sandbox().close());
    }
  }
}
