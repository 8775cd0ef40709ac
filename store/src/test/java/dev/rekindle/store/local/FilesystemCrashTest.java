package dev.rekindle.store.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.store.Samples;
import dev.rekindle.store.SteppingClock;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a process that writes snapshots, again and again on one root, and looks what is left. */
class FilesystemCrashTest {
  private static final int ROUNDS = 20;
  private static final int MOST_STEPS = 30;

  private final Path root;

  /** What the killed processes said: what must be there, and what may be or not. */
  private final Set<String> committed = new HashSet<>();

  private final Set<String> unsure = new HashSet<>();

  FilesystemCrashTest(@TempDir Path root) {
    this.root = root;
  }

  @Test
  void open_writerKilledAtAnyMoment_findsOnlyWholeSnapshots() throws Exception {
    var random = new Random(20260101);
    for (int round = 0; round < ROUNDS; round++) {
      runAndKill("r" + round, random);
      try (var store = FilesystemSnapshotStore.open(root, new SteppingClock())) {
        assertThat(store.unusable()).as("round %d", round).isEmpty();
        assertThat(root.resolve("staging")).isEmptyDirectory();
        assertThat(root.resolve("trash")).isEmptyDirectory();
        var there = new HashSet<String>();
        for (var manifest : store.list()) {
          Samples.assertHolds(store, manifest.id(), SnapshotWriter.seedOf(manifest.id()));
          there.add(manifest.id());
        }
        assertThat(there).as("round %d", round).containsAll(committed);
        committed.addAll(unsure);
        unsure.clear();
        assertThat(committed).as("round %d", round).containsAll(there);
        committed.retainAll(there);
      }
    }
    assertThat(committed).as("snapshots that survived").isNotEmpty();
  }

  private void runAndKill(String prefix, Random random) throws Exception {
    var writer = SnapshotWriter.start(root, prefix, random.nextLong());
    try (var output = writer.inputReader()) {
      assertThat(SnapshotWriter.next(output)).isEqualTo("opened");
      int steps = 1 + random.nextInt(MOST_STEPS);
      // Kill within the time that the step before took, so that every part of a step has its turn.
      String line = "";
      long stepNanos = 0;
      for (int step = 0; step < steps || line.startsWith("committed"); step++) {
        long start = System.nanoTime();
        line = SnapshotWriter.next(output);
        note(line);
        stepNanos = Math.max(stepNanos / 2, System.nanoTime() - start);
      }
      LockSupport.parkNanos((long) (random.nextDouble() * stepNanos));
      assertThat(writer.isAlive()).isTrue();
      // By its handle: Process.destroyForcibly would throw away what the writer said last.
      assertThat(writer.toHandle().destroyForcibly()).isTrue();
      for (line = output.readLine(); line != null; line = output.readLine()) {
        note(line);
      }
    } finally {
      writer.destroyForcibly().waitFor();
    }
  }

  private void note(String line) {
    int space = line.indexOf(' ');
    String id = line.substring(space + 1);
    switch (line.substring(0, space)) {
      case "commits" -> unsure.add(id);
      case "committed" -> {
        unsure.remove(id);
        committed.add(id);
      }
      case "deletes" -> {
        committed.remove(id);
        unsure.add(id);
      }
      case "deleted" -> unsure.remove(id);
      default -> throw new AssertionError("the writer said: " + line);
    }
  }
}
