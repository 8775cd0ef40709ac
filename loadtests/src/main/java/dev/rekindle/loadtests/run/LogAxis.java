package dev.rekindle.loadtests.run;

import java.util.ArrayList;
import java.util.List;

/**
 * A logarithmic axis between two round numbers.
 *
 * @param low where it begins
 * @param high where it ends
 */
public record LogAxis(double low, double high) {
  private static final double[] STEPS = {1, 2, 5};

  /** An axis that holds all these values, which must be positive. */
  public static LogAxis around(double least, double greatest) {
    double low = Math.pow(10, Math.floor(Math.log10(least)));
    double high = low;
    for (double mark : marks(low, 1e3 * greatest)) {
      if (mark <= least) {
        low = mark;
      }
      high = mark;
      if (mark >= greatest && mark > low) {
        break;
      }
    }
    return new LogAxis(low, high);
  }

  /** Where a value lies, from 0 at the low end to 1 at the high one. */
  public double share(double value) {
    return Math.log(value / low) / Math.log(high / low);
  }

  /** Round numbers on it: 1, 2 and 5 times the powers of ten. */
  public List<Double> marks() {
    return marks(low, high);
  }

  private static List<Double> marks(double from, double to) {
    List<Double> marks = new ArrayList<>();
    for (int exponent = (int) Math.floor(Math.log10(from)); ; exponent++) {
      for (double step : STEPS) {
        // Written and read again, so that 0.2 is 0.2 and not 0.20000000000000001.
        double mark = Double.parseDouble((long) step + "e" + exponent);
        if (mark > to * (1 + 1e-9)) {
          return marks;
        }
        if (mark >= from * (1 - 1e-9)) {
          marks.add(mark);
        }
      }
    }
  }
}
