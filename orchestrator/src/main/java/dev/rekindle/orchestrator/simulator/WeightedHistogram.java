package dev.rekindle.orchestrator.simulator;

/** Latencies with weights, in bins of one percent. HdrHistogram counts whole numbers only. */
final class WeightedHistogram {
  private static final double RATIO = Math.log(1.01);
  private static final int BINS = 4200; // to e^41.8 ns, or 40 years

  private final double[] weights = new double[BINS];
  private double total;

  void add(long nanos, double weight) {
    int bin = (int) Math.min(BINS - 1, Math.log((double) Math.max(1, nanos)) / RATIO);
    weights[bin] += weight;
    total += weight;
  }

  double percentileMs(double share) {
    double sum = 0;
    for (int i = 0; i < BINS; i++) {
      sum += weights[i];
      if (total > 0 && sum >= share * total) {
        return Math.exp((i + 0.5) * RATIO) / 1e6;
      }
    }
    return 0;
  }
}
