package dev.rekindle.orchestrator.policy.estimate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rekindle.orchestrator.policy.model.PolicyStateException;
import dev.rekindle.orchestrator.policy.model.StateJson;
import java.util.Arrays;

/** What was measured of each bin of request numbers: count, mean, spread, least, tail. */
final class LatencySamples {
  private double[] counts = new double[0];
  private double[] means = new double[0];
  private double[] bounded = new double[0];
  private double[] squares = new double[0];
  private double[] least = new double[0];
  private double[] tails = new double[0];
  private int size;

  /**
   * Takes in a sample.
   *
   * @param limit what it counts at most in the bounded mean
   */
  void add(int bin, double nanos, double limit) {
    if (bin >= size) {
      grow(bin + 1);
    }
    double n = ++counts[bin];
    means[bin] += (nanos - means[bin]) / n;
    double limited = Math.min(nanos, limit);
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
    if (wanted > counts.length) {
      int length = Math.max(wanted, Math.max(32, counts.length * 2));
      counts = Arrays.copyOf(counts, length);
      means = Arrays.copyOf(means, length);
      bounded = Arrays.copyOf(bounded, length);
      squares = Arrays.copyOf(squares, length);
      least = Arrays.copyOf(least, length);
      tails = Arrays.copyOf(tails, length);
    }
    size = wanted;
  }

  /** Forgets a bin. */
  void forget(int bin) {
    if (bin < size) {
      counts[bin] = 0;
      means[bin] = 0;
      bounded[bin] = 0;
      squares[bin] = 0;
    }
  }

  /** Forgets everything. */
  void clear() {
    Arrays.fill(counts, 0);
    Arrays.fill(means, 0);
    Arrays.fill(bounded, 0);
    Arrays.fill(squares, 0);
    size = 0;
  }

  /** The number of bins with something in or before them. */
  int size() {
    return size;
  }

  /** How many samples a bin has; 0 beyond the last one. */
  double count(int bin) {
    return bin < size ? counts[bin] : 0;
  }

  /** The mean of a bin, outliers and all. */
  double mean(int bin) {
    return means[bin];
  }

  /** The mean of a bin, outliers bounded. */
  double bounded(int bin) {
    return bounded[bin];
  }

  /** The sum of the squares of how far samples are off the bounded mean. */
  double squares(int bin) {
    return squares[bin];
  }

  /** The least sample of a bin. */
  double least(int bin) {
    return least[bin];
  }

  /** The 90th percentile of a bin. */
  double tail(int bin) {
    return tails[bin];
  }

  /** The bounded means of those bins of a range that have samples. */
  double[] boundedOf(int from, int to) {
    double[] values = new double[Math.max(0, Math.min(to, size) - from)];
    int count = 0;
    for (int bin = from; bin < to && bin < size; bin++) {
      if (counts[bin] > 0) {
        values[count++] = bounded[bin];
      }
    }
    return Arrays.copyOf(values, count);
  }

  /**
   * What is kept across restarts.
   *
   * @param factor what all samples are multiplied by
   */
  ObjectNode write(double factor) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.set("samples", StateJson.write(Arrays.copyOf(counts, size)));
    node.set("means", StateJson.write(times(means, factor)));
    node.set("bounded", StateJson.write(times(bounded, factor)));
    node.set("squares", StateJson.write(times(squares, factor * factor)));
    node.set("least", StateJson.write(times(least, factor)));
    node.set("tails", StateJson.write(times(tails, factor)));
    return node;
  }

  private double[] times(double[] values, double factor) {
    double[] scaled = Arrays.copyOf(values, size);
    Arrays.setAll(scaled, bin -> scaled[bin] * factor);
    return scaled;
  }

  /**
   * What was kept.
   *
   * @throws PolicyStateException if it is damaged
   */
  static LatencySamples read(StateJson json) {
    LatencySamples kept = new LatencySamples();
    kept.counts = json.numbers("samples");
    kept.size = kept.counts.length;
    kept.means = json.numbers("means", kept.size);
    kept.bounded = json.numbers("bounded", kept.size);
    kept.squares = json.numbers("squares", kept.size);
    kept.least = json.numbers("least", kept.size);
    kept.tails = json.numbers("tails", kept.size);
    return kept;
  }
}
