package dev.rekindle.loadtests.store;

import dev.rekindle.loadtests.run.ServiceFunction;
import dev.rekindle.s3server.S3Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** What lies in the store, read where the server keeps it: whatever the service says of itself. */
final class StoredBytes {
  private StoredBytes() {}

  /** Whether there is an object whose key begins with a prefix and ends with a name. */
  static boolean holds(S3Server server, String prefix, String name) {
    Path directory = server.objects().resolve(StoreNode.BUCKET).resolve(prefix);
    try (Stream<Path> files = Files.walk(directory)) {
      return files.anyMatch(file -> file.endsWith(name));
    } catch (IOException | UncheckedIOException e) {
      return false; // it changes while it is read
    }
  }

  /** The size of all objects whose keys begin with a prefix that ends in a slash, in MB. */
  static double mb(S3Server server, String prefix) throws IOException {
    Path directory = server.objects().resolve(StoreNode.BUCKET).resolve(prefix);
    AtomicLong bytes = new AtomicLong();
    if (Files.isDirectory(directory)) {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              bytes.addAndGet(attributes.size());
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
              return FileVisitResult.CONTINUE;
            }
          });
    }
    return bytes.get() / ServiceFunction.MB;
  }
}
