package dev.rekindle.engine.pages;

import java.nio.file.Path;

/**
 * The pages of a snapshot whose images are still on their way to this host: files of full length,
 * mapped, of which only what has arrived is handed out.
 */
public final class ArrivingPages implements PageSource {
  private final LocalPages files;
  private final PageArrivals arrivals;

  private ArrivingPages(LocalPages files, PageArrivals arrivals) {
    this.files = files;
    this.arrivals = arrivals;
  }

  /**
   * Maps the pages images of a snapshot.
   *
   * @param snapshot the snapshot's directory
   * @throws PageSourceException if one cannot be mapped
   */
  public static ArrivingPages open(Path snapshot, PageArrivals arrivals) {
    return new ArrivingPages(LocalPages.open(snapshot.resolve("images")), arrivals);
  }

  @Override
  public long locate(int pagesId, long offset, long bytes, Runnable ready) {
    // First of all: a range outside of the file must not be waited for.
    long address = files.locate(pagesId, offset, bytes, ready);
    return arrivals.isThere(new WorkingSet.Range(pagesId, offset, bytes), ready)
        ? address
        : NOT_YET;
  }

  @Override
  public void close() {
    files.close();
  }
}
