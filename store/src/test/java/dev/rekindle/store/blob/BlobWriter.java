package dev.rekindle.store.blob;

import static dev.rekindle.store.blob.BlobSamples.bytes;

import dev.rekindle.store.blob.BlobStore.Condition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

/** A process that puts and deletes blobs in a directory until it is killed, and says so. */
final class BlobWriter {
  /** How many keys it uses. */
  static final int KEYS = 5;

  /** Size of its blobs: several writes each. */
  static final int BYTES = 300_000;

  private BlobWriter() {}

  /** Runs on a directory, with a seed. */
  public static void main(String[] arguments) throws BlobException {
    var random = new Random(Long.parseLong(arguments[1]));
    try (var store = FilesystemBlobs.open(Path.of(arguments[0]))) {
      while (true) {
        String key = "k/" + random.nextInt(KEYS) + "/blob";
        if (random.nextInt(4) == 0) {
          say("deletes " + key);
          store.delete(key);
          say("deleted " + key);
        } else {
          int seed = random.nextInt();
          say("puts " + key + " " + seed);
          store.put(key, bytes(seed, BYTES), Condition.ALWAYS);
          say("put " + key + " " + seed);
        }
      }
    }
  }

  /** Starts this class in a Java process of its own; its errors go to this process's errors. */
  static Process start(Path root, long seed) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty(
                "surefire.test.class.path", System.getProperty("java.class.path", "")),
            BlobWriter.class.getName(),
            root.toString(),
            Long.toString(seed))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
