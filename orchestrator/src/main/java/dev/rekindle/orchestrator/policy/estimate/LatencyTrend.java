package dev.rekindle.orchestrator.policy.estimate;

import dev.rekindle.orchestrator.policy.model.RequestBins;
import java.util.Arrays;

/**
 * The medians of neighbouring request numbers, in blocks that widen with the number, joined by
 * lines.
 */
final class LatencyTrend {
  /** Width of a block, as a share of its first request number. */
  private static final double BLOCK = 0.2;

  private static final int MIN_BLOCK_FROM = 4;

  private double[] values = new double[0];
  private int size;

  /** The bin after the last one of the block that begins with a bin. */
  static int endOfBlock(int begin) {
    long first = RequestBins.first(begin);
    return Math.max(begin + 1, RequestBins.of((long) Math.ceil(first * (1 + BLOCK))));
  }

  /** Brings it up to date. */
  void fit(LatencySamples samples) {
    size = samples.size();
    if (values.length < size) {
      values = Arrays.copyOf(values, Math.max(size, 2 * values.length));
    }
    int before = -1; // the middle of the block before
    double last = 0;
    for (int begin = 0; begin < size; ) {
      boolean narrow = RequestBins.first(begin) <= MIN_BLOCK_FROM;
      int end = narrow ? begin + 1 : Math.min(size, endOfBlock(begin));
      double median = Statistics.median(samples.boundedOf(begin, end));
      if (median > 0) {
        int middle = (begin + end - 1) / 2;
        for (int bin = before + 1; bin < end; bin++) {
          boolean between = before >= 0 && bin < middle;
          double share = between ? (bin - before) / (double) (middle - before) : 1;
          values[bin] = before < 0 ? median : last + (median - last) * share;
        }
        before = middle;
        last = median;
      } else {
        Arrays.fill(values, Math.max(begin, before + 1), end, last);
      }
      begin = end;
    }
  }

  /** Forgets everything. */
  void clear() {
    size = 0;
  }

  /** How many bins it covers. */
  int size() {
    return size;
  }

  /** At a bin; beyond the last one as there; 0 if it covers none. */
  double at(int bin) {
    return size == 0 ? 0 : values[Math.min(bin, size - 1)];
  }
}
