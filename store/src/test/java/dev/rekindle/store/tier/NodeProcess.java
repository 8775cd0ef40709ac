package dev.rekindle.store.tier;

import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.SnapshotStore;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreListener;
import dev.rekindle.store.blob.BlobException;
import dev.rekindle.store.blob.FilesystemBlobs;
import dev.rekindle.store.shared.GarbageCollection;
import dev.rekindle.store.shared.Retention;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A process that is a node: it writes, uploads, fetches, evicts, deletes and collects until it is
 * killed, and says on standard output what it has finished.
 */
public final class NodeProcess {
  /** A snapshot of this size is uploaded in several packs' worth of time. */
  static final int SLOTS = 150;

  /** So small that most of what is written is evicted soon. */
  private static final long LOCAL_BYTES = 5L << 20;

  private NodeProcess() {}

  /** Runs on a directory of its own and a shared one, with a prefix for ids and a seed. */
  public static void main(String[] arguments) throws IOException, BlobException {
    var random = new Random(Long.parseLong(arguments[3]));
    var settings =
        new TierSettings(TierSettings.Upload.AT_ONCE, LOCAL_BYTES, TierSettings.DEFAULT_GRACE);
    try (var blobs = FilesystemBlobs.open(Path.of(arguments[1]));
        var store =
            TieredSnapshotStore.open(
                Path.of(arguments[0]),
                blobs,
                settings,
                new StoreListener() {
                  @Override
                  public void uploaded(SnapshotManifest snapshot, long newBytes, long nanos) {
                    say("uploaded " + snapshot.id());
                  }
                },
                Clock.systemUTC(),
                System::nanoTime,
                random)) {
      say("opened");
      var collection = new GarbageCollection(blobs, arguments[2], Duration.ofMillis(1));
      for (int i = 0; ; i++) {
        String id = arguments[2] + "-" + i;
        try (var draft = store.begin(id)) {
          java.nio.file.Files.write(
              draft.directory().resolve("pages-1.img"), StoreNode.memory(seedOf(id), SLOTS));
          draft.commit(
              java.util.Map.of(SnapshotManifest.LABEL_IDENTITY, StoreNode.IDENTITY),
              java.util.Map.of());
        }
        say("committed " + id);
        List<SnapshotManifest> all = store.look(StoreNode.IDENTITY);
        String some = all.get(random.nextInt(all.size())).id();
        switch (random.nextInt(4)) {
          case 0 -> {
            say(fetch(store, some));
          }
          case 1 -> {
            say("deletes " + some);
            store.delete(some);
          }
          case 2 -> {
            // What it would delete is told only: other processes of the test have no grace.
            var unused = collection.run(Retention.ALL, true);
            say("looked");
          }
          default -> say("rested");
        }
      }
    } catch (StoreException e) {
      say("refused " + e.getMessage());
    }
  }

  /**
   * A snapshot that was evicted while an upload or a fetch still read it cannot come back before
   * that is over: a refusal that is meant, and passes.
   */
  private static String fetch(SnapshotStore store, String id) throws StoreException {
    try {
      store.open(id).close();
      return "fetched " + id;
    } catch (StoreException e) {
      if (e.reason() == StoreException.Reason.UNAVAILABLE) {
        return "not yet " + id;
      }
      throw e;
    }
  }

  /** The seed of a snapshot's content. */
  static long seedOf(String id) {
    return id.hashCode() % 5;
  }

  /** Starts this class in a Java process of its own. */
  public static Process start(Path own, Path shared, String prefix, long seed) throws IOException {
    return start(NodeProcess.class, own.toString(), shared.toString(), prefix, Long.toString(seed));
  }

  /** Starts a class of the tests in a Java process of its own. */
  public static Process start(Class<?> program, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path", "")),
                program.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
