package dev.rekindle.orchestrator.policy.estimate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.rekindle.orchestrator.policy.model.StateJson;

/** A mean, and how uncertain it is. */
public final class Spread {
  private double count;
  private double mean;
  private double squares;

  public void add(double value) {
    count++;
    double off = value - mean;
    mean += off / count;
    squares += off * (value - mean);
  }

  public boolean isEmpty() {
    return count == 0;
  }

  public double mean() {
    return mean;
  }

  /** The variance of the mean; a single value may be off by half of itself. */
  public double variance() {
    return count < 2 ? mean * mean / 4 : squares / (count - 1) / count;
  }

  public ArrayNode write() {
    return StateJson.write(new double[] {count, Math.max(0, mean), Math.max(0, -mean), squares});
  }

  public static Spread read(StateJson json, String name) {
    double[] numbers = json.numbers(name, 4);
    Spread spread = new Spread();
    spread.count = numbers[0];
    spread.mean = numbers[1] - numbers[2];
    spread.squares = numbers[3];
    return spread;
  }
}
