package dev.rekindle.orchestrator.policy.estimate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.rekindle.orchestrator.policy.model.StateJson;

/** A mean, and how uncertain it is. */
public final class Spread {
  private double count;
  private double mean;
  private double squares;

  /** Adds a value. */
  public void add(double value) {
    count++;
    double off = value - mean;
    mean += off / count;
    squares += off * (value - mean);
  }

  /** Whether there is no value yet. */
  public boolean isEmpty() {
    return count == 0;
  }

  /** The mean of the values; 0 without any. */
  public double mean() {
    return mean;
  }

  /** The variance of the mean; a single value may be off by half of itself. */
  public double variance() {
    return count < 2 ? mean * mean / 4 : squares / (count - 1) / count;
  }

  /** The spread as JSON. */
  public ArrayNode write() {
    return StateJson.write(new double[] {count, Math.max(0, mean), Math.max(0, -mean), squares});
  }

  /** Reads what {@link #write} wrote. */
  public static Spread read(StateJson json, String name) {
    double[] numbers = json.numbers(name, 4);
    Spread spread = new Spread();
    spread.count = numbers[0];
    spread.mean = numbers[1] - numbers[2];
    spread.squares = numbers[3];
    return spread;
  }
}
