package dev.rekindle.orchestrator.policy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What is known of a function's latency by request number.
 *
 * <p>Each request number has a mean of its own, and all together have a trend: the medians of
 * neighbouring numbers, in blocks that widen with the number. An estimate lies between both. How
 * near to its own mean depends on how much of the spread around the trend repeats itself: where the
 * same request number is seen again and again and always differs from the trend alike, the
 * difference is real; where it differs anew each time, it is noise (a random-effects model, with
 * both variances estimated from the samples). Everything is relative to the trend, so the unit of
 * time does not matter.
 */
final class LatencyCurve {
  /** A sample counts at most this many times its trend, unless it repeats itself. */
  static final double OUTLIER = 8;

  /** So many samples' worth of doubt whether differences repeat themselves. */
  private static final double DOUBT = 4;

  /** Width of a block of the trend, as a share of its first request number. */
  private static final double BLOCK = 0.2;

  private static final int MIN_BLOCK_FROM = 4;

  /** A fall counts beyond so many standard errors (of a mean; a median's is a quarter more). */
  private static final double CAUTION = 0.6;

  private double[] samples = new double[0];
  private double[] means = new double[0];
  private double[] bounded = new double[0];
  private double[] squares = new double[0];
  private double[] least = new double[0];
  private double[] tails = new double[0];
  private int size;

  private double[] trend = new double[0];
  private double[] sums = {0};
  private int fitted;
  private double noise;
  private double texture;
  private double drop;
  private double level;

  /** Takes in a sample. */
  void add(long request, double nanos) {
    int bin = RequestBins.of(request);
    if (bin >= size) {
      grow(bin + 1);
    }
    double known = bin < fitted ? trend[bin] : fitted > 0 ? trend[fitted - 1] : nanos;
    double limited = known > 0 ? Math.min(nanos, OUTLIER * known) : nanos;
    double n = ++samples[bin];
    means[bin] += (nanos - means[bin]) / n;
    double difference = limited - bounded[bin];
    bounded[bin] += difference / n;
    squares[bin] += difference * (limited - bounded[bin]);
    least[bin] = n == 1 ? nanos : Math.min(least[bin], nanos);
    // Moves towards the value that nine of ten stay below, ever more slowly.
    tails[bin] =
        n == 1
            ? nanos
            : Math.max(
                0, tails[bin] + (nanos > tails[bin] ? 0.9 : -0.1) * means[bin] / Math.sqrt(n));
  }

  private void grow(int wanted) {
    if (wanted > samples.length) {
      int length = Math.max(wanted, Math.max(32, samples.length * 2));
      samples = Arrays.copyOf(samples, length);
      means = Arrays.copyOf(means, length);
      bounded = Arrays.copyOf(bounded, length);
      squares = Arrays.copyOf(squares, length);
      least = Arrays.copyOf(least, length);
      tails = Arrays.copyOf(tails, length);
    }
    size = wanted;
  }

  /** Forgets what is known of a request number. */
  void forget(long request) {
    int bin = RequestBins.of(request);
    if (bin < size) {
      samples[bin] = 0;
      means[bin] = 0;
      bounded[bin] = 0;
      squares[bin] = 0;
    }
  }

  /** Forgets everything. */
  void clear() {
    Arrays.fill(samples, 0);
    Arrays.fill(means, 0);
    Arrays.fill(bounded, 0);
    Arrays.fill(squares, 0);
    size = 0;
    fitted = 0;
  }

  /** The number of bins with something in or before them. */
  int size() {
    return size;
  }

  /** The highest request number that was seen, or 0. */
  long highest() {
    return size == 0 ? 0 : RequestBins.first(size) - 1;
  }

  /** How many samples a request number has. */
  double samples(long request) {
    int bin = RequestBins.of(request);
    return bin < size ? samples[bin] : 0;
  }

  /** The mean of what was seen of a request number, outliers bounded; 0 if nothing was. */
  double seen(long request) {
    int bin = RequestBins.of(request);
    return bin < size && samples[bin] > 0 ? own(bin) : 0;
  }

  /** An outlier that has always been there is none. */
  private double own(int bin) {
    double known = bin < fitted ? trend[bin] : 0;
    return samples[bin] >= 2 && known > 0 && least[bin] > OUTLIER * known
        ? means[bin]
        : bounded[bin];
  }

  /** Brings trend and sums up to date with the samples. */
  void fit() {
    if (size == 0) {
      fitted = 0;
      return;
    }
    if (trend.length < size) {
      trend = new double[samples.length];
      sums = new double[samples.length + 1];
    }
    fitTrend();
    fitted = size;
    fitSpread();
    for (int bin = 0; bin < size; bin++) {
      sums[bin + 1] = sums[bin] + estimate(bin) * RequestBins.width(bin);
    }
    fitCourse();
  }

  /** How the trend goes near its end: over the last half octave, and over the last octave. */
  private void fitCourse() {
    double last = mean(RequestBins.of(Math.max(1, highest() * 2 / 3)) + 1, size);
    level = last > 0 ? last : trend[size - 1];
    double octave = fall(0.25, 0.5);
    drop = Math.max(fall(4 / 9.0, 2 / 3.0), 1 - Math.sqrt(1 - octave));
  }

  /** By which share the latency beyond one part of the highest is below that before it. */
  private double fall(double from, double to) {
    int begin = RequestBins.of(Math.max(1, (long) (highest() * from))) + 1;
    int middle = RequestBins.of(Math.max(1, (long) (highest() * to))) + 1;
    if (begin >= middle || middle >= size) {
      begin = 0;
      middle = Math.max(1, size / 2);
    }
    double error =
        CAUTION * Math.sqrt((noise + texture) * (1.0 / (middle - begin) + 1.0 / (size - middle)));
    double byMedian = fall(median(begin, middle), median(middle, size), error);
    // Where pauses get rarer, medians stay as they are: only means show it, if less surely.
    return Math.max(byMedian, fall(mean(begin, middle), mean(middle, size), 2 * error));
  }

  private static double fall(double before, double after, double error) {
    return before <= 0 || after <= 0 ? 0 : Math.max(0, 1 - after / before - Math.min(0.5, error));
  }

  private double mean(int from, int to) {
    double sum = 0;
    int count = 0;
    for (int bin = from; bin < to && bin < size; bin++) {
      if (samples[bin] > 0) {
        sum += bounded[bin];
        count++;
      }
    }
    return count == 0 ? 0 : sum / count;
  }

  private double median(int from, int to) {
    double[] values = new double[Math.max(0, to - from)];
    int count = 0;
    for (int bin = from; bin < to && bin < size; bin++) {
      if (samples[bin] > 0) {
        values[count++] = bounded[bin];
      }
    }
    if (count == 0) {
      return 0;
    }
    Arrays.sort(values, 0, count);
    return (values[count / 2] + values[(count - 1) / 2]) / 2;
  }

  private void fitTrend() {
    double[] inBlock = new double[0];
    int begin = 0;
    int before = -1; // the middle of the block before
    double last = 0;
    while (begin < size) {
      long first = RequestBins.first(begin);
      int end = begin + 1;
      if (first > MIN_BLOCK_FROM) {
        end = Math.min(size, RequestBins.of((long) Math.ceil(first * (1 + BLOCK))));
        end = Math.max(end, begin + 1);
      }
      if (inBlock.length < end - begin) {
        inBlock = new double[2 * (end - begin)];
      }
      int count = 0;
      for (int bin = begin; bin < end; bin++) {
        if (samples[bin] > 0) {
          inBlock[count++] = bounded[bin];
        }
      }
      if (count > 0) {
        Arrays.sort(inBlock, 0, count);
        double median = (inBlock[count / 2] + inBlock[(count - 1) / 2]) / 2;
        int middle = (begin + end - 1) / 2;
        for (int bin = before + 1; bin < end; bin++) {
          boolean between = before >= 0 && bin < middle;
          double share = between ? (bin - before) / (double) (middle - before) : 1;
          trend[bin] = before < 0 ? median : last + (median - last) * share;
        }
        before = middle;
        last = median;
      } else {
        for (int bin = Math.max(begin, before + 1); bin < end; bin++) {
          trend[bin] = last;
        }
      }
      begin = end;
    }
  }

  /** Splits the spread around the trend into what repeats itself and what does not. */
  private void fitSpread() {
    double within = 0;
    double freedom = 0;
    double around = 0;
    double share = 0;
    int cells = 0;
    for (int bin = 0; bin < size; bin++) {
      if (samples[bin] <= 0 || trend[bin] <= 0) {
        continue;
      }
      double scale = 1 / (trend[bin] * trend[bin]);
      within += squares[bin] * scale;
      freedom += samples[bin] - 1;
      double off = bounded[bin] / trend[bin] - 1;
      around += Math.min(off * off, 9);
      share += 1 / samples[bin];
      cells++;
    }
    if (cells == 0) {
      noise = 0;
      texture = 0;
      return;
    }
    around /= cells;
    share /= cells;
    noise = (within + DOUBT * around) / (freedom + DOUBT);
    texture = Math.max(0, around - noise * share);
  }

  private double estimate(int bin) {
    if (samples[bin] <= 0) {
      return trend[bin];
    }
    double trust = texture <= 0 ? 0 : texture / (texture + noise / samples[bin]);
    return trend[bin] + trust * (own(bin) - trend[bin]);
  }

  /** The expected latency of a request number; beyond the highest seen, that of the last block. */
  double at(long request) {
    if (fitted == 0) {
      return 0;
    }
    int bin = RequestBins.of(request);
    return bin < fitted ? estimate(bin) : trend[fitted - 1];
  }

  /** The sum of the expected latencies of requests 1 to that one. */
  double sumTo(long request) {
    if (fitted == 0 || request <= 0) {
      return 0;
    }
    long known = RequestBins.first(fitted) - 1;
    if (request >= known) {
      return sums[fitted] + (request - known) * trend[fitted - 1];
    }
    int bin = RequestBins.of(request);
    long inside = request - RequestBins.first(bin) + 1;
    return sums[bin] + (sums[bin + 1] - sums[bin]) * inside / RequestBins.width(bin);
  }

  /** Trend at a request number. */
  double trendAt(long request) {
    return fitted == 0 ? 0 : trend[Math.min(fitted - 1, RequestBins.of(request))];
  }

  /** The median latency of the last third of the request numbers seen. */
  double recentLevel() {
    return level;
  }

  /** By which share that is below the part before it, beyond what chance explains. */
  double recentDrop() {
    return drop;
  }

  /** Standard deviation of what does not repeat itself, as a share of the latency. */
  double noise() {
    return Math.sqrt(noise);
  }

  /** Standard deviation of what differs from the trend and repeats itself, as a share. */
  double texture() {
    return Math.sqrt(texture);
  }

  /** The 90th percentile of a request number's samples. */
  double tail(long request) {
    int bin = RequestBins.of(request);
    return bin < size ? tails[bin] : 0;
  }

  /** The curve in blocks like those of the trend, as far as it was seen. */
  List<Beliefs.CurvePoint> points() {
    List<Beliefs.CurvePoint> points = new ArrayList<>();
    for (int begin = 0; begin < size; ) {
      long first = RequestBins.first(begin);
      int end = Math.max(begin + 1, RequestBins.of((long) Math.ceil(first * (1 + BLOCK))));
      end = Math.min(size, end);
      double count = 0;
      double sum = 0;
      double tail = 0;
      for (int bin = begin; bin < end; bin++) {
        count += samples[bin];
        sum += samples[bin] * own(bin);
        tail = samples[bin] > 0 ? Math.max(tail, tails[bin]) : tail;
      }
      if (count > 0) {
        double mean = sum / count;
        double error = mean * Math.sqrt(texture / Math.min(count, end - begin) + noise / count);
        points.add(
            new Beliefs.CurvePoint(
                first, RequestBins.first(end) - 1, count, mean / 1e6, error / 1e6, tail / 1e6));
      }
      begin = end;
    }
    return points;
  }

  /** What is kept across restarts. */
  ObjectNode write() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.set("samples", StateJson.write(Arrays.copyOf(samples, size)));
    node.set("means", StateJson.write(Arrays.copyOf(means, size)));
    node.set("bounded", StateJson.write(Arrays.copyOf(bounded, size)));
    node.set("squares", StateJson.write(Arrays.copyOf(squares, size)));
    node.set("least", StateJson.write(Arrays.copyOf(least, size)));
    node.set("tails", StateJson.write(Arrays.copyOf(tails, size)));
    return node;
  }

  /**
   * What was kept.
   *
   * @throws PolicyStateException if it is damaged
   */
  static LatencyCurve read(StateJson json) {
    LatencyCurve curve = new LatencyCurve();
    curve.samples = json.numbers("samples");
    int length = curve.samples.length;
    curve.means = json.numbers("means", length);
    curve.bounded = json.numbers("bounded", length);
    curve.squares = json.numbers("squares", length);
    curve.least = json.numbers("least", length);
    curve.tails = json.numbers("tails", length);
    curve.size = length;
    return curve;
  }
}
