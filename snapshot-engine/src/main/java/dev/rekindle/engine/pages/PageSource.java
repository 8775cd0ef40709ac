package dev.rekindle.engine.pages;

/**
 * Where the page server takes a snapshot's pages from: a local file, or a cache that fetches them
 * from afar. What was dumped and where it lies in the pages images is told by {@link PageLayout}; a
 * source brings ranges of those images into this process's memory. Called on the page server's
 * threads, which also serve other instances: it must not block.
 */
public interface PageSource extends AutoCloseable {
  /** What {@link #locate} returns for a range that is not in memory yet. */
  long NOT_YET = 0;

  /**
   * Finds the bytes of a range of a pages image.
   *
   * @param pagesId the number in the image's name
   * @param offset where the range begins in the image, in bytes
   * @param bytes its length, at most {@link #MAX_RANGE_BYTES}
   * @param ready to be run, on any thread, once it is worth asking again; only after {@link
   *     #NOT_YET} was returned. A source starts fetching such a range at once
   * @return the address at which the whole range can be read until {@link #close}, or {@link
   *     #NOT_YET}
   * @throws PageSourceException if the range will never be there; the instance is then killed
   */
  long locate(int pagesId, long offset, long bytes, Runnable ready);

  /** The longest range asked for. */
  long MAX_RANGE_BYTES = 1 << 20;

  /** Ends the use of all addresses handed out. Called once, after the last instance is done. */
  @Override
  void close();
}
