package dev.rekindle.orchestrator.policy.estimate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rekindle.orchestrator.policy.model.Beliefs;
import dev.rekindle.orchestrator.policy.model.PolicyStateException;
import dev.rekindle.orchestrator.policy.model.RequestBins;
import dev.rekindle.orchestrator.policy.model.StateJson;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What is known of a function's latency by request number.
 *
 * <p>Each request number has a mean of its own, and all together have a {@link LatencyTrend}. An
 * estimate lies between both. How near to its own mean depends on how much of the spread around the
 * trend repeats itself: where the same request number is seen again and again and always differs
 * from the trend alike, the difference is real; where it differs anew each time, it is noise (a
 * random-effects model, with both variances estimated from the samples). Everything is relative to
 * the trend, so the unit of time does not matter.
 *
 * <p>Samples are kept as they would have been at first, by the {@link Drift}; what is told is what
 * they would be now.
 */
public final class LatencyCurve {
  /** A sample counts at most this many times its trend, unless it repeats itself. */
  static final double OUTLIER = 8;

  /** So many samples' worth of doubt whether differences repeat themselves... */
  private static final double DOUBT = 4;

  /** ...which takes this share of them for noise. */
  private static final double DOUBTED = 0.25;

  /** A difference from the trend counts at most three times the trend. */
  private static final double MOST_OFF = 3;

  /** Stretches like the next one are looked for in the last two thirds... */
  private static final int ALIKE_SHARE = 3;

  /** ...or further back, until there are so many. */
  private static final long ALIKE_LEAST = 6;

  private LatencySamples samples = new LatencySamples();
  private final LatencyTrend trend = new LatencyTrend();
  private final Drift drift = new Drift();
  private LatencyCourse course = LatencyCourse.NONE;
  private double[] sums = {0};
  private double[] counts = {0}; // samples of all bins before one
  private double noise;
  private double texture;

  /** Takes in a sample. */
  public void add(long request, double nanos) {
    int bin = RequestBins.of(request);
    double known = trend.at(bin);
    samples.add(
        bin, nanos / drift.factor(), known > 0 ? OUTLIER * known : Double.POSITIVE_INFINITY);
  }

  /** How much slower everything is now; estimates are of now. */
  public Drift drift() {
    return drift;
  }

  /** Forgets what is known of a request number. */
  public void forget(long request) {
    samples.forget(RequestBins.of(request));
  }

  /** Forgets everything but how fast things are now. */
  public void clear() {
    samples.clear();
    trend.clear();
    course = LatencyCourse.NONE;
  }

  /** The number of bins with something in or before them. */
  public int size() {
    return samples.size();
  }

  /** The highest request number that was seen, or 0. */
  public long highest() {
    return size() == 0 ? 0 : RequestBins.first(size()) - 1;
  }

  /** How many samples a request number has. */
  public double samples(long request) {
    return samples.count(RequestBins.of(request));
  }

  /** The mean of what was seen of a request number, outliers bounded; 0 if nothing was. */
  public double seen(long request) {
    int bin = RequestBins.of(request);
    return samples.count(bin) > 0 ? drift.factor() * own(bin) : 0;
  }

  /** An outlier that has always been there is none. */
  private double own(int bin) {
    double known = bin < trend.size() ? trend.at(bin) : 0;
    boolean always = samples.count(bin) >= 2 && known > 0 && samples.least(bin) > OUTLIER * known;
    return always ? samples.mean(bin) : samples.bounded(bin);
  }

  /** Brings all estimates up to date with the samples. */
  public void fit() {
    trend.fit(samples);
    fitSpread();
    if (sums.length <= size()) {
      sums = Arrays.copyOf(sums, Math.max(size() + 1, 2 * sums.length));
      counts = Arrays.copyOf(counts, sums.length);
    }
    for (int bin = 0; bin < size(); bin++) {
      sums[bin + 1] = sums[bin] + estimate(bin) * RequestBins.width(bin);
      counts[bin + 1] = counts[bin] + samples.count(bin);
    }
    course = LatencyCourse.of(samples, trend, noise + texture);
  }

  /** Splits the spread around the trend into what repeats itself and what does not. */
  private void fitSpread() {
    double within = 0;
    double freedom = 0;
    double around = 0;
    double share = 0;
    int cells = 0;
    for (int bin = 0; bin < size(); bin++) {
      double usual = trend.at(bin);
      if (samples.count(bin) <= 0 || usual <= 0) {
        continue;
      }
      within += samples.squares(bin) / (usual * usual);
      freedom += samples.count(bin) - 1;
      double off = samples.bounded(bin) / usual - 1;
      around += Math.min(off * off, MOST_OFF * MOST_OFF);
      share += 1 / samples.count(bin);
      cells++;
    }
    if (cells == 0) {
      noise = 0;
      texture = 0;
      return;
    }
    around /= cells;
    share /= cells;
    noise = (within + DOUBT * DOUBTED * around) / (freedom + DOUBT);
    texture = Math.max(0, around - noise * share);
  }

  private double estimate(int bin) {
    double count = samples.count(bin);
    double usual = trend.at(bin);
    if (count <= 0) {
      return usual;
    }
    double trust = texture <= 0 ? 0 : texture / (texture + noise / count);
    return usual + trust * (own(bin) - usual);
  }

  /** The expected latency of a request number; beyond the highest seen, that of the last block. */
  public double at(long request) {
    int bin = RequestBins.of(request);
    return drift.factor() * (bin < trend.size() ? estimate(bin) : trend.at(bin));
  }

  /** The sum of the expected latencies of requests 1 to that one. */
  public double sumTo(long request) {
    if (trend.size() == 0 || request <= 0) {
      return 0;
    }
    long known = RequestBins.first(trend.size()) - 1;
    if (request >= known) {
      return drift.factor() * (sums[trend.size()] + (request - known) * trend.at(trend.size() - 1));
    }
    int bin = RequestBins.of(request);
    long inside = request - RequestBins.first(bin) + 1;
    double within = (sums[bin + 1] - sums[bin]) * inside / RequestBins.width(bin);
    return drift.factor() * (sums[bin] + within);
  }

  /**
   * The standard error of the mean latency of some request numbers, as a share of it: what does not
   * repeat itself cancels out only as far as there are samples.
   *
   * @param after the request before the first of them
   * @param to the last of them
   */
  public double doubt(long after, long to) {
    int from = Math.min(trend.size(), RequestBins.of(after + 1));
    int end = Math.min(trend.size(), RequestBins.of(Math.max(after + 1, to)) + 1);
    return Math.sqrt(noise / Math.max(1, counts[end] - counts[from]));
  }

  /** Trend at a request number. */
  public double trendAt(long request) {
    return drift.factor() * trend.at(RequestBins.of(request));
  }

  /** Where latencies are heading. */
  public LatencyCourse course() {
    return course.slower(drift.factor());
  }

  /**
   * Stretches of requests like those that come next.
   *
   * @param level the median of their mean latencies
   * @param spread how far below it they lie and would lie again, as a share of it
   */
  public record Stretches(double level, double spread) {}

  /** What is known of stretches of so many requests at the end of what was seen. */
  public Stretches stretches(long length) {
    int step = (int) Math.min(length, Math.max(1, size()));
    long begin = Math.min(size() / ALIKE_SHARE, size() - ALIKE_LEAST * step);
    int start = (int) Math.max(1, begin); // the first request is like no other
    double[] single = samples.boundedOf(start, size());
    double[] means = step == 1 ? single.clone() : meansOfStretches(start, step);
    if (single.length < ALIKE_SHARE || means.length == 0 || noise + texture <= 0) {
      return new Stretches(course().level(), 0);
    }
    double level = Statistics.median(means);
    double ofMeans = Statistics.lowerSpread(means, level);
    double ofSingle = Statistics.lowerSpread(single, Statistics.median(single)) / step;
    // Few stretches tell little of their spread; what single requests would make of it helps out.
    double weight = Math.max(0, means.length / 2.0 - 1);
    double spread = (weight * ofMeans + DOUBT / 2 * ofSingle) / (weight + DOUBT / 2);
    return new Stretches(drift.factor() * level, Math.sqrt(spread * texture / (texture + noise)));
  }

  private double[] meansOfStretches(int start, int step) {
    double[] means = new double[Math.max(0, (size() - start) / step)];
    int count = 0;
    for (int end = size(); end - step >= start; end -= step) {
      double[] values = samples.boundedOf(end - step, end);
      if (values.length > 0) {
        means[count++] = Statistics.mean(values);
      }
    }
    return Arrays.copyOf(means, count);
  }

  /** Standard deviation of what does not repeat itself, as a share of the latency. */
  public double noise() {
    return Math.sqrt(noise);
  }

  /** Standard deviation of what differs from the trend and repeats itself, as a share. */
  public double texture() {
    return Math.sqrt(texture);
  }

  /** The curve in blocks like those of the trend, as far as it was seen. */
  public List<Beliefs.CurvePoint> points() {
    List<Beliefs.CurvePoint> points = new ArrayList<>();
    for (int begin = 0; begin < size(); ) {
      int end = Math.min(size(), LatencyTrend.endOfBlock(begin));
      double count = 0;
      double sum = 0;
      double tail = 0;
      for (int bin = begin; bin < end; bin++) {
        count += samples.count(bin);
        sum += samples.count(bin) * own(bin);
        tail = samples.count(bin) > 0 ? Math.max(tail, samples.tail(bin)) : tail;
      }
      if (count > 0) {
        double mean = drift.factor() * sum / count;
        double error = mean * Math.sqrt(texture / Math.min(count, end - begin) + noise / count);
        points.add(
            new Beliefs.CurvePoint(
                RequestBins.first(begin),
                RequestBins.first(end) - 1,
                count,
                mean / 1e6,
                error / 1e6,
                drift.factor() * tail / 1e6));
      }
      begin = end;
    }
    return points;
  }

  /** What is kept across restarts. */
  public ObjectNode write() {
    return samples.write(drift.factor());
  }

  /**
   * What was kept.
   *
   * @throws PolicyStateException if it is damaged
   */
  public static LatencyCurve read(StateJson json) {
    LatencyCurve curve = new LatencyCurve();
    curve.samples = LatencySamples.read(json);
    return curve;
  }
}
