package dev.rekindle.orchestrator.policy.estimate;

import dev.rekindle.orchestrator.policy.model.RequestBins;

/**
 * Where latencies are heading at the end of what was seen of them.
 *
 * @param level the mean latency of the last third of the request numbers
 * @param drop by which share latency falls within half an octave at the end, beyond what chance
 *     explains
 * @param halvings how often latency halved within an octave, over all octaves seen, later ones
 *     counting more
 * @param octaves how many octaves that rests on
 */
public record LatencyCourse(double level, double drop, double halvings, double octaves) {
  /** Nothing was seen. */
  static final LatencyCourse NONE = new LatencyCourse(0, 0, 0, 0);

  /** A fall counts beyond so many standard errors (of a mean; a median's is a quarter more). */
  private static final double CAUTION = 0.6;

  /** An octave weighs so much of the one after it. */
  private static final double FADE = 0.7;

  /** No fall is doubted by more than this share. */
  private static final double MOST_DOUBT = 0.5;

  private static final double LN2 = Math.log(2);

  /**
   * The course of samples.
   *
   * @param trend theirs
   * @param variance theirs, as a share of the latency's square
   */
  static LatencyCourse of(LatencySamples samples, LatencyTrend trend, double variance) {
    if (samples.size() == 0) {
      return NONE;
    }
    long highest = RequestBins.first(samples.size()) - 1;
    return new Reader(samples, trend, variance, highest).read();
  }

  private record Reader(LatencySamples samples, LatencyTrend trend, double variance, long highest) {
    LatencyCourse read() {
      int size = samples.size();
      double last = Statistics.mean(samples.boundedOf(binAfter(2 / 3.0), size));
      double level = last > 0 ? last : trend.at(size - 1); // nothing there after one request
      double octave = fall(0.25, 0.5);
      double drop = Math.max(fall(4 / 9.0, 2 / 3.0), 1 - Math.sqrt(1 - octave));
      double halvings = 0;
      double octaves = 0;
      double weight = 1;
      double after = 0;
      double doubtAfter = 0;
      // The first request is left out: it is slow in nearly every function and foretells nothing.
      for (long to = highest; to >= 2; to /= 2) {
        double[] values =
            samples.boundedOf(RequestBins.of(Math.max(2, to / 2 + 1)), RequestBins.of(to) + 1);
        double here = Statistics.median(values);
        double doubt = variance / Math.max(1, values.length);
        if (after > 0 && here > 0) {
          double fall = Math.log(here / after) - Math.sqrt(doubt + doubtAfter);
          halvings += weight * Math.max(0, fall) / LN2;
          octaves += weight;
          weight *= FADE;
        }
        after = here;
        doubtAfter = doubt;
      }
      return new LatencyCourse(level, drop, octaves == 0 ? 0 : halvings / octaves, octaves);
    }

    private int binAfter(double share) {
      return RequestBins.of(Math.max(1, (long) (highest * share))) + 1;
    }

    /** By which share the latency beyond one part of the highest is below that before it. */
    private double fall(double from, double to) {
      int size = samples.size();
      int begin = binAfter(from);
      int middle = binAfter(to);
      if (begin >= middle || middle >= size) {
        begin = 0;
        middle = Math.max(1, size / 2);
      }
      double error =
          CAUTION * Math.sqrt(variance * (1.0 / (middle - begin) + 1.0 / (size - middle)));
      double[] before = samples.boundedOf(begin, middle);
      double[] after = samples.boundedOf(middle, size);
      // Where pauses get rarer, medians stay as they are: only means show it, if less surely.
      double byMean = share(Statistics.mean(before), Statistics.mean(after), 2 * error);
      return Math.max(byMean, share(Statistics.median(before), Statistics.median(after), error));
    }

    private static double share(double before, double after, double error) {
      return before <= 0 || after <= 0
          ? 0
          : Math.max(0, 1 - after / before - Math.min(MOST_DOUBT, error));
    }
  }

  /** The same where everything takes so many times longer. */
  LatencyCourse slower(double factor) {
    return new LatencyCourse(factor * level, drop, halvings, octaves);
  }

  /**
   * How often latency halves within an octave, drawn towards a belief from before it was seen that
   * weighs as much as some octaves.
   */
  public double halvings(double believed, double weight) {
    return (halvings * octaves + believed * weight) / (octaves + weight);
  }
}
