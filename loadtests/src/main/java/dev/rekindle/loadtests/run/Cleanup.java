package dev.rekindle.loadtests.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a benchmark must take back: the newest first, once, whether it ends well, fails or is told
 * to end. After that it takes nothing in any more, so that nothing is started behind its back.
 */
public final class Cleanup implements AutoCloseable {
  /** A step of the cleaning. It reports no failure: the others must have their turn. */
  public interface Step {
    /** Takes something back. */
    void run();
  }

  private final Deque<Step> steps = new ArrayDeque<>();
  private boolean closed;

  /** Starts a process; the step is to end it. */
  public synchronized Process start(ProcessBuilder builder, EndProcess end) throws IOException {
    checkOpen();
    Process process = builder.start();
    steps.push(() -> end.of(process));
    return process;
  }

  /** How a process is ended. */
  public interface EndProcess {
    /** Ends it and waits until it is gone; does nothing if it is. */
    void of(Process process);
  }

  /** Makes an empty directory, to be deleted with all that is in it. */
  public synchronized Path directory(Path parent, String prefix) throws IOException {
    checkOpen();
    Path directory = Files.createTempDirectory(parent, prefix);
    steps.push(() -> deleteTree(directory));
    return directory;
  }

  /** Adds a step. */
  public synchronized void add(Step step) {
    checkOpen();
    steps.push(step);
  }

  private void checkOpen() {
    if (closed) {
      throw new BenchmarkException(BenchmarkException.Cause.INTERRUPTED, "told to end");
    }
  }

  /** Whether the cleaning has begun. */
  synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized void close() {
    closed = true;
    while (!steps.isEmpty()) {
      steps.pop().run();
    }
  }

  /** Deletes a directory with all that is in it, as far as that goes. */
  public static void deleteTree(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      System.err.println("rekindle bench: cannot delete " + directory + ": " + e.getMessage());
    }
  }
}
