package dev.rekindle.api;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * What each phase of an invocation took, as carried by header {@link Headers#SERVER_TIMING}.
 *
 * @param millis milliseconds of each phase that there was
 */
public record ServerTiming(Map<Phase, Double> millis) {
  /**
   * Copies the map.
   *
   * @throws IllegalArgumentException if a duration is negative or not finite
   */
  public ServerTiming {
    EnumMap<Phase, Double> copy = new EnumMap<>(Phase.class);
    millis.forEach(
        (phase, value) -> {
          if (!isDuration(value)) {
            throw new IllegalArgumentException(phase.wire() + " is no duration: " + value);
          }
          copy.put(phase, value);
        });
    millis = Collections.unmodifiableMap(copy);
  }

  /** Milliseconds of one phase, or empty if there was no such phase. */
  public OptionalDouble of(Phase phase) {
    Double value = millis.get(phase);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /** The header's value, with three decimals: {@code queue;dur=0.012, handler;dur=3.400}. */
  public String format() {
    return millis.entrySet().stream()
        .map(e -> String.format(Locale.ROOT, "%s;dur=%.3f", e.getKey().wire(), e.getValue()))
        .collect(Collectors.joining(", "));
  }

  /** Reads a header's value; metrics that are unknown or malformed are passed over. */
  public static ServerTiming parse(String header) {
    EnumMap<Phase, Double> millis = new EnumMap<>(Phase.class);
    for (String metric : header.split(",", -1)) {
      String[] parts = metric.split(";", -1);
      Phase phase = Phase.find(parts[0].strip()).orElse(null);
      for (int i = 1; phase != null && i < parts.length; i++) {
        OptionalDouble duration = duration(parts[i].strip());
        if (duration.isPresent()) {
          millis.put(phase, duration.getAsDouble());
        }
      }
    }
    return new ServerTiming(millis);
  }

  private static OptionalDouble duration(String parameter) {
    if (!parameter.startsWith("dur=")) {
      return OptionalDouble.empty();
    }
    try {
      double value = Double.parseDouble(parameter.substring("dur=".length()));
      return isDuration(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }

  private static boolean isDuration(double value) {
    return Double.isFinite(value) && value >= 0;
  }
}
