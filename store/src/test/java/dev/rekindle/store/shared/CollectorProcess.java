package dev.rekindle.store.shared;

import dev.rekindle.store.StoreException;
import dev.rekindle.store.blob.BlobException;
import dev.rekindle.store.blob.FilesystemBlobs;
import dev.rekindle.store.tier.NodeProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** A process that collects a shared store without a grace period until it is killed. */
final class CollectorProcess {
  private CollectorProcess() {}

  /** Runs on a shared directory, under a name of its own. */
  public static void main(String[] arguments) throws BlobException, StoreException {
    try (var blobs = FilesystemBlobs.open(Path.of(arguments[0]))) {
      var collection = new GarbageCollection(blobs, arguments[1], Duration.ofMillis(1));
      System.out.println("opened");
      System.out.flush();
      while (true) {
        var unused = collection.run(Retention.ALL, false);
      }
    }
  }

  /** Starts this class in a Java process of its own. */
  static Process start(Path shared, String name) throws IOException {
    return NodeProcess.start(CollectorProcess.class, shared.toString(), name);
  }
}
