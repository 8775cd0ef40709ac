package dev.rekindle.orchestrator.simulator;

/**
 * One function of a made-up fleet.
 *
 * @param name its name
 * @param perHour how many requests come in an hour
 * @param meanSeconds what a request takes on average
 * @param memoryMb what an instance holds
 * @param curve latency by request number
 * @param costs what starts and checkpoints cost
 * @param arrivals when requests come; of a busy function only a part of all
 * @param settled from which of them on the function is in a steady state, if only a part is there;
 *     else 0
 */
record FleetFunction(
    String name,
    double perHour,
    double meanSeconds,
    double memoryMb,
    Curve curve,
    Costs costs,
    Arrivals arrivals,
    int settled) {
  /** How many requests each of those from {@code settled} on stands for. */
  double weight() {
    return perHour * Fleet.HOURS / (arrivals.size() - settled);
  }

  /** When the last request comes. */
  long endNanos() {
    return arrivals.at(arrivals.size() - 1);
  }

  /** How long the part lasts that counts. */
  double countedSeconds() {
    return Math.max(1e-9, (endNanos() - (settled == 0 ? 0 : arrivals.at(settled))) / 1e9);
  }

  /** Coefficient of variation of the gaps between requests. */
  double gapVariation() {
    double sum = 0;
    double squares = 0;
    int count = arrivals.size() - 1;
    for (int i = 0; i < count; i++) {
      double gap = (arrivals.at(i + 1) - arrivals.at(i)) / 1e9;
      sum += gap;
      squares += gap * gap;
    }
    double mean = sum / Math.max(1, count);
    return mean <= 0 ? 0 : Math.sqrt(Math.max(0, squares / count - mean * mean)) / mean;
  }
}
