package dev.rekindle.engine.pages;

/** Knows which parts of a snapshot's pages images are on this host already, and has others come. */
public interface PageArrivals {
  /**
   * Whether a range is there to be read. If not, it is made to come at once. Called on the page
   * server's threads: it must not block.
   *
   * @param range of a pages image
   * @param ready to be run, on any thread, once it is worth asking again; only after false was
   *     returned
   * @throws PageSourceException if the range will not come; the instance is then killed
   */
  boolean isThere(WorkingSet.Range range, Runnable ready);
}
