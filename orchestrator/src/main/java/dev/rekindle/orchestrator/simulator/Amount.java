package dev.rekindle.orchestrator.simulator;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads an option that is a number from 0. */
final class Amount implements ITypeConverter<Double> {
  private static final double MOST = 1e9;

  @Override
  public Double convert(String value) {
    try {
      double number = Double.parseDouble(value);
      if (number >= 0 && number <= MOST) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new TypeConversionException("'%s' is no number from 0 to 1e9".formatted(value));
  }
}
