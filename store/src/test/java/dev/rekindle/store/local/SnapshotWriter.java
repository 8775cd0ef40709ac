package dev.rekindle.store.local;

import dev.rekindle.store.Samples;
import dev.rekindle.store.SnapshotLease;
import dev.rekindle.store.StoreException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Random;

/**
 * A process that writes and deletes snapshots until it is killed, and says on standard output what
 * it begins and what it has finished.
 */
final class SnapshotWriter {
  private SnapshotWriter() {}

  /** Runs on a root directory, with a prefix for the ids and a seed. */
  public static void main(String[] arguments) throws IOException {
    Path root = Path.of(arguments[0]);
    String prefix = arguments[1];
    var random = new Random(Long.parseLong(arguments[2]));
    try (var store = FilesystemSnapshotStore.open(root, Clock.systemUTC())) {
      say("opened");
      var ids = new ArrayList<String>();
      var leases = new ArrayList<SnapshotLease>();
      for (int i = 0; ; i++) {
        String id = prefix + "-" + i;
        say("commits " + id);
        Samples.commit(store, id, seedOf(id));
        say("committed " + id);
        ids.add(id);
        if (ids.size() > 3 || random.nextInt(4) == 0) {
          String victim = ids.remove(random.nextInt(ids.size()));
          if (random.nextBoolean()) {
            leases.add(store.open(victim));
          }
          say("deletes " + victim);
          store.delete(victim);
          say("deleted " + victim);
        }
        if (leases.size() > 3) {
          leases.remove(random.nextInt(leases.size())).close();
        }
      }
    } catch (StoreException e) {
      say("refused " + e.reason());
    }
  }

  /** The seed of a snapshot's content. */
  static long seedOf(String id) {
    return id.hashCode();
  }

  /** Starts this class in a Java process of its own; its errors go to this process's errors. */
  static Process start(Path root, String prefix, long seed) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty(
                "surefire.test.class.path", System.getProperty("java.class.path", "")),
            SnapshotWriter.class.getName(),
            root.toString(),
            prefix,
            Long.toString(seed))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** The next line, or an exception when the process has said its last. */
  static String next(BufferedReader output) throws IOException {
    String line = output.readLine();
    if (line == null) {
      throw new IOException("the writer ended without being killed");
    }
    return line;
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
