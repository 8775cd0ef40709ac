package dev.rekindle.engine.pages;

/**
 * What lazy restore did for one instance.
 *
 * @param faults page faults answered
 * @param faultPages pages copied to answer them, neighbours included
 * @param zeroPages pages that no dump holds, answered with zeros
 * @param prefetchPages pages of the working set copied ahead
 * @param backgroundPages pages copied after that
 */
public record PageStatistics(
    long faults, long faultPages, long zeroPages, long prefetchPages, long backgroundPages) {

  /** Bytes copied in all. */
  public long bytes() {
    return (faultPages + prefetchPages + backgroundPages) * PageLayout.PAGE_BYTES;
  }
}
