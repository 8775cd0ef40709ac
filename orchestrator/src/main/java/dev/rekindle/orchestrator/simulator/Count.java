package dev.rekindle.orchestrator.simulator;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads an option that is a whole number. */
class Count implements ITypeConverter<Integer> {
  private static final int MOST = 100_000_000;

  private final int least;

  /** One from 1. */
  Count() {
    this(1);
  }

  private Count(int least) {
    this.least = least;
  }

  /** A whole number from 0. */
  static final class OrNone extends Count {
    OrNone() {
      super(0);
    }
  }

  @Override
  public Integer convert(String value) {
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= MOST) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new TypeConversionException(
        "'%s' is no whole number from %d to %d".formatted(value, least, MOST));
  }
}
