package dev.rekindle.orchestrator.policy.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;

/** A kept state's JSON, read strictly: each number finite, not negative and of sensible size. */
public final class StateJson {
  /** The bins of request numbers up to 2^62: no state has a longer list. */
  private static final int MOST = RequestBins.of(1L << 62) + 1;

  /** More than any count; below what sums of request numbers overflow at. */
  private static final long GREATEST_WHOLE = 1_000_000_000_000_000_000L;

  /** More than any sum of squared nanoseconds; far below what products overflow at. */
  private static final double GREATEST = 1e60;

  private final JsonNode node;

  /** Reads one JSON object. */
  public StateJson(JsonNode node) {
    this.node = node;
  }

  /** An array of these numbers. */
  public static ArrayNode write(double[] numbers) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode(numbers.length);
    for (double number : numbers) {
      array.add(number);
    }
    return array;
  }

  /** An array of these numbers. */
  public static ArrayNode write(long[] numbers) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode(numbers.length);
    for (long number : numbers) {
      array.add(number);
    }
    return array;
  }

  /** An object. */
  public StateJson object(String field) {
    JsonNode found = node.path(field);
    if (!found.isObject()) {
      throw new PolicyStateException("'%s' is no object".formatted(field));
    }
    return new StateJson(found);
  }

  /** A number that is not negative. */
  public double number(String field) {
    return number(field, node.path(field));
  }

  private static double number(String field, JsonNode found) {
    double value = found.isNumber() ? found.doubleValue() : Double.NaN;
    if (!Double.isFinite(value) || value < 0 || value > GREATEST) {
      throw new PolicyStateException("'%s' holds what is no amount".formatted(field));
    }
    return value;
  }

  /** Numbers that are not negative. */
  public double[] numbers(String field) {
    JsonNode found = array(field);
    double[] numbers = new double[found.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = number(field, found.get(i));
    }
    return numbers;
  }

  /** Numbers that are not negative. */
  public double[] numbers(String field, int length) {
    double[] numbers = numbers(field);
    if (numbers.length != length) {
      throw new PolicyStateException(
          "'%s' holds %d numbers, not %d".formatted(field, numbers.length, length));
    }
    return numbers;
  }

  /** Whole numbers that are not negative. */
  public long[] wholes(String field) {
    long[] numbers = bits(field);
    for (long number : numbers) {
      if (number < 0 || number > GREATEST_WHOLE) {
        throw new PolicyStateException("'%s' holds what is no amount".formatted(field));
      }
    }
    return numbers;
  }

  /** So many whole numbers that are not negative. */
  public long[] wholes(String field, int length) {
    long[] numbers = wholes(field);
    if (numbers.length != length) {
      throw new PolicyStateException(
          "'%s' holds %d numbers, not %d".formatted(field, numbers.length, length));
    }
    return numbers;
  }

  /** Whole numbers of either sign. */
  public long[] bits(String field) {
    JsonNode found = array(field);
    long[] numbers = new long[found.size()];
    for (int i = 0; i < numbers.length; i++) {
      JsonNode each = found.get(i);
      if (!each.isIntegralNumber() || !each.canConvertToLong()) {
        throw new PolicyStateException("'%s' holds what is no whole number".formatted(field));
      }
      numbers[i] = each.longValue();
    }
    return numbers;
  }

  private JsonNode array(String field) {
    JsonNode found = node.path(field);
    if (!found.isArray() || found.size() > MOST) {
      throw new PolicyStateException("'%s' is no list of sensible length".formatted(field));
    }
    return found;
  }
}
