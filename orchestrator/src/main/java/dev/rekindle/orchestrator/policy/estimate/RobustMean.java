package dev.rekindle.orchestrator.policy.estimate;

/** A mean that follows slow changes and counts no value for more than five times itself. */
final class RobustMean {
  private static final double OUTLIER = 5;
  private static final double MEMORY = 50;

  private final double memory;
  private double count;
  private double mean;

  RobustMean() {
    this(MEMORY);
  }

  /** Follows as fast as the mean of so many values would. */
  RobustMean(double memory) {
    this.memory = memory;
  }

  /** Goes on from a mean of so many values. */
  RobustMean from(double kept, double keptMean) {
    count = kept;
    mean = keptMean;
    return this;
  }

  void add(double value) {
    double limited = count > 0 && mean > 0 ? Math.min(value, OUTLIER * mean) : value;
    count = Math.min(memory, count + 1);
    mean += (limited - mean) / count;
  }

  /** How many values count, at most so many as it remembers. */
  double count() {
    return count;
  }

  double mean() {
    return mean;
  }

  /** The mean, or something else as long as there are no values. */
  double or(double prior) {
    return count > 0 ? mean : prior;
  }

  /** The mean, drawn towards something else that weighs as much as some values. */
  double towards(double prior, double weight) {
    return (count * mean + weight * prior) / (count + weight);
  }
}
