package dev.rekindle.engine.image;

import dev.rekindle.engine.criu.images.Vma;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of one area whose pages lie without a break in the rewritten pages file, so that one
 * mapping shows them all.
 *
 * @param area the area that it is a part of
 * @param runs the dumped pages in it; between two of them there is a short gap that was not dumped
 */
record Cluster(Vma area, List<PageRun> runs) {
  /**
   * Gaps up to this many bytes are filled: a page in a hole costs nothing on disk, a mapping of its
   * own costs each restore about 2 microseconds.
   */
  static final long MAX_GAP_BYTES = 64 << 10;

  /**
   * The least number of dumped bytes for which an area of a file is split: below it, copying is as
   * fast as two more mappings.
   */
  static final long MIN_FILE_BYTES = 32 << 10;

  Cluster {
    runs = List.copyOf(runs);
  }

  long start() {
    return runs.get(0).address();
  }

  long end() {
    return runs.get(runs.size() - 1).end();
  }

  /** Finds the clusters of an area, in order. */
  static List<Cluster> of(Vma area, List<PageRun> runs) {
    List<Cluster> clusters = new ArrayList<>();
    List<PageRun> open = new ArrayList<>();
    for (PageRun run : runs) {
      if (!open.isEmpty()) {
        long gap = run.address() - open.get(open.size() - 1).end();
        if (gap > MAX_GAP_BYTES) {
          clusters.add(new Cluster(area, open));
          open.clear();
        }
      }
      open.add(run);
    }
    if (!open.isEmpty()) {
      clusters.add(new Cluster(area, open));
    }
    if (!Area.isAnonymous(area)) {
      clusters.removeIf(cluster -> cluster.end() - cluster.start() < MIN_FILE_BYTES);
    }
    return clusters;
  }
}
