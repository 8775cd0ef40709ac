package dev.rekindle.engine.pages;

import java.time.Duration;

/**
 * Settings of a {@link PageServer}.
 *
 * @param threads how many threads serve; an instance belongs to one of them
 * @param faultAroundBytes how much is brought with one fault, a power of two, at least a page
 * @param backgroundBytesPerSecond how fast the pages that nobody asked for come, for each instance
 * @param recordingLimit after this long, a recording nobody ended is ended
 */
public record PageServerConfig(
    int threads, int faultAroundBytes, long backgroundBytesPerSecond, Duration recordingLimit) {
  public PageServerConfig {
    if (threads < 1
        || Integer.bitCount(faultAroundBytes) != 1
        || faultAroundBytes < PageLayout.PAGE_BYTES
        || faultAroundBytes > PageSource.MAX_RANGE_BYTES
        || backgroundBytesPerSecond < 1) {
      throw new IllegalArgumentException("page server settings out of range");
    }
  }

  /** The limits that the service uses. */
  public static PageServerConfig defaults() {
    return new PageServerConfig(2, 32 << 10, 256L << 20, Duration.ofSeconds(10));
  }
}
