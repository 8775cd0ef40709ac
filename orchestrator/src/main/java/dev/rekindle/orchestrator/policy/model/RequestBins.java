package dev.rekindle.orchestrator.policy.model;

/**
 * Request numbers in bins: one for each number up to 4096, then 1024 for each doubling, so that any
 * request number has a place and its neighbours within a thousandth share it.
 */
public final class RequestBins {
  /** Request numbers up to here have a bin of their own. */
  public static final int FINE = 4096;

  private static final int FINE_BITS = 12;
  private static final int COARSE_BITS = 10;

  private RequestBins() {}

  /** The bin of a request number, from 0. */
  public static int of(long request) {
    long at = request - 1;
    if (at < FINE) {
      return (int) at;
    }
    int bits = 63 - Long.numberOfLeadingZeros(at);
    long within = (at - (1L << bits)) >> (bits - COARSE_BITS);
    return FINE + ((bits - FINE_BITS) << COARSE_BITS) + (int) within;
  }

  /** The first request number of a bin. */
  public static long first(int bin) {
    if (bin < FINE) {
      return bin + 1L;
    }
    int coarse = bin - FINE;
    int bits = FINE_BITS + (coarse >> COARSE_BITS);
    long within = coarse & ((1 << COARSE_BITS) - 1);
    return (1L << bits) + (within << (bits - COARSE_BITS)) + 1;
  }

  /** How many request numbers share a bin. */
  public static long width(int bin) {
    return first(bin + 1) - first(bin);
  }
}
