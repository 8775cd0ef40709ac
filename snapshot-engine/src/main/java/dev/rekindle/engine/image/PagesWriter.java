package dev.rekindle.engine.image;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lays pages out in a new pages file. The kernel copies; holes stay holes. */
final class PagesWriter implements Closeable {
  private final FileChannel from;
  private final Map<Path, FileChannel> older = new HashMap<>();
  private final FileChannel to;
  private final List<PageRun> runs = new ArrayList<>();
  private long position;

  PagesWriter(FileChannel from, Path file) throws IOException {
    this.from = from;
    this.to = FileChannel.open(file, TaskRewrite.NEW_FILE);
  }

  /** Adds a run as it is. */
  void append(PageRun run) throws IOException {
    copy(source(run), run.position(), run.bytes(), position);
    add(new PageRun(run.address(), run.bytes(), position, run.flags(), null));
  }

  /**
   * Adds a cluster, with its gaps.
   *
   * @param original the file whose content the gaps show; zeros if null
   * @return where it begins
   */
  long append(Cluster cluster, @Nullable Path original) throws IOException {
    long start = position;
    for (PageRun run : cluster.runs()) {
      copy(source(run), run.position(), run.bytes(), start + (run.address() - cluster.start()));
    }
    if (original != null && cluster.runs().size() > 1) {
      fill(cluster, original, start);
    }
    add(
        new PageRun(
            cluster.start(),
            cluster.end() - cluster.start(),
            start,
            cluster.runs().get(0).flags(),
            null));
    return start;
  }

  private void fill(Cluster cluster, Path original, long start) throws IOException {
    long shift = cluster.area().getPgoff() - cluster.area().getStart();
    try (FileChannel file = FileChannel.open(original)) {
      long last = cluster.start();
      for (PageRun run : cluster.runs()) {
        long bytes = Math.min(run.address() - last, file.size() - (last + shift));
        if (bytes > 0) {
          copy(file, last + shift, bytes, start + (last - cluster.start()));
        }
        last = run.end();
      }
    }
  }

  private void add(PageRun run) {
    PageRun last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
    if (last != null && last.end() == run.address() && last.flags() == run.flags()) {
      runs.set(
          runs.size() - 1,
          new PageRun(
              last.address(), last.bytes() + run.bytes(), last.position(), last.flags(), null));
    } else {
      runs.add(run);
    }
    position += run.bytes();
  }

  private FileChannel source(PageRun run) throws IOException {
    Path path = run.older();
    if (path == null) {
      return from;
    }
    FileChannel open = older.get(path);
    if (open == null) {
      open = FileChannel.open(path);
      older.put(path, open);
    }
    return open;
  }

  private void copy(FileChannel source, long at, long bytes, long target) throws IOException {
    to.position(target);
    long done = 0;
    while (done < bytes) {
      long n = source.transferTo(at + done, bytes - done, to);
      if (n <= 0) {
        throw new ImageException("a pages file ended early");
      }
      done += n;
    }
  }

  /** What was written, in order. */
  List<PageRun> runs() {
    return runs;
  }

  /** Gives the file its full length even if it ends in a hole. */
  void finish() throws IOException {
    if (to.size() < position) {
      to.write(ByteBuffer.allocate(1), position - 1);
    }
  }

  @Override
  public void close() throws IOException {
    to.close();
    for (FileChannel channel : older.values()) {
      channel.close();
    }
  }
}
