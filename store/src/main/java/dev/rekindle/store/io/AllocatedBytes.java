package dev.rekindle.store.io;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Bytes that the files of a tree take on disk. */
public final class AllocatedBytes {
  private AllocatedBytes() {}

  /** Sums up a tree's files. Files that disappear meanwhile do not count. */
  public static long of(Path tree) throws IOException {
    var sum = new AtomicLong();
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            sum.addAndGet(blocks(file) * FileCalls.BLOCK_BYTES);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            return ignoreMissing(failure);
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            return failure == null ? FileVisitResult.CONTINUE : ignoreMissing(failure);
          }
        });
    return sum.get();
  }

  private static FileVisitResult ignoreMissing(IOException failure) throws IOException {
    if (failure instanceof NoSuchFileException) {
      return FileVisitResult.CONTINUE;
    }
    throw failure;
  }

  private static long blocks(Path file) throws IOException {
    long blocks = FileCalls.blocks(file);
    return blocks < 0 ? 0 : blocks;
  }
}
