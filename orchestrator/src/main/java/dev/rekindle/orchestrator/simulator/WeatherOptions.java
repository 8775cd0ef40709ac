package dev.rekindle.orchestrator.simulator;

import java.math.BigDecimal;
import picocli.CommandLine.Option;

/** The options that tell what the machine adds to recorded latencies. */
final class WeatherOptions {
  /** More than any machine's: e to the power of 2 is a factor of 7. */
  private static final double MOST_NOISE = 2;

  private static final double MOST_SHARE = 100;

  @Option(
      names = "--noise",
      description = {
        "Adds chance to each latency that does not come again with its request number:",
        "standard deviation of the logarithm, 0 to 2 (default: ${DEFAULT-VALUE})."
      },
      converter = Amount.class)
  private double noise;

  @Option(
      names = "--spells",
      description = "The same, shared by neighbouring requests (default: ${DEFAULT-VALUE})...",
      converter = Amount.class)
  private double spells;

  @Option(
      names = "--spell-requests",
      description = "...as many as this (default: ${DEFAULT-VALUE}).",
      converter = Count.class)
  private int spellRequests = 200;

  @Option(
      names = "--drift",
      description = {
        "All latencies are higher by this share at first, 0 to 100, as while a service warms up",
        "(default: ${DEFAULT-VALUE})..."
      },
      converter = Amount.class)
  private double drift;

  @Option(
      names = "--drift-requests",
      description =
          "...and after so many requests half of that is gone (default: ${DEFAULT-VALUE}).",
      converter = Count.class)
  private int driftRequests = 500;

  @Option(
      names = "--settling",
      description = {
        "The first request after a restore is slower by this share, 0 to 100, as memory comes back",
        "(default: ${DEFAULT-VALUE})..."
      },
      converter = Amount.class)
  private double settling;

  @Option(
      names = "--settling-requests",
      description =
          "...and after so many requests a third of that is left (default: ${DEFAULT-VALUE}).",
      converter = Count.class)
  private int settlingRequests = 6;

  /**
   * What was asked for.
   *
   * @throws IllegalArgumentException if an amount is too great
   */
  Weather weather() {
    check("--noise", noise, MOST_NOISE);
    check("--spells", spells, MOST_NOISE);
    check("--drift", drift, MOST_SHARE);
    check("--settling", settling, MOST_SHARE);
    return noise == 0 && spells == 0 && drift == 0 && settling == 0
        ? Weather.CALM
        : new Weather(
            noise, spells, spellRequests, drift, driftRequests, settling, settlingRequests);
  }

  private static void check(String option, double value, double most) {
    if (value > most) {
      throw new IllegalArgumentException(
          "%s is %s: write a number from 0 to %.0f".formatted(option, plain(value), most));
    }
  }

  /** The options that ask for this weather again, with a space before each. */
  static String text(Weather weather) {
    StringBuilder text = new StringBuilder();
    if (weather.noise() > 0) {
      text.append(" --noise ").append(plain(weather.noise()));
    }
    if (weather.spells() > 0) {
      text.append(" --spells ").append(plain(weather.spells()));
      text.append(" --spell-requests ").append(weather.spellRequests());
    }
    if (weather.drift() > 0) {
      text.append(" --drift ").append(plain(weather.drift()));
      text.append(" --drift-requests ").append(weather.driftRequests());
    }
    if (weather.settling() > 0) {
      text.append(" --settling ").append(plain(weather.settling()));
      text.append(" --settling-requests ").append(weather.settlingRequests());
    }
    return text.toString();
  }

  /** A number as an option takes it. */
  static String plain(double number) {
    return new BigDecimal(Double.toString(number)).stripTrailingZeros().toPlainString();
  }
}
