package dev.rekindle.orchestrator.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a machine adds to recorded latencies. */
class WeatherTest {
  private static final int REQUESTS = 200_000;

  private static double[] factors(Weather weather, int requests) {
    Weather.Course course = weather.begin(new SplittableRandom(17));
    double[] factors = new double[requests];
    for (int i = 0; i < requests; i++) {
      factors[i] = course.next(0);
    }
    return factors;
  }

  private static double mean(double[] values, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += values[i];
    }
    return sum / (to - from);
  }

  @Test
  void calm_leavesChanceAlone() {
    SplittableRandom random = new SplittableRandom(3);
    Weather.Course course = Weather.CALM.begin(random);
    assertThat(course.next(1)).isEqualTo(1);
    assertThat(random.nextLong()).isEqualTo(new SplittableRandom(3).nextLong());
  }

  @Test
  void noiseAndSpells_areOneOnAverage() {
    double[] noise = factors(new Weather(0.5, 0, 1, 0, 1, 0, 1), REQUESTS);
    double[] spells = factors(new Weather(0, 0.3, 50, 0, 1, 0, 1), REQUESTS);
    assertThat(mean(noise, 0, REQUESTS)).isCloseTo(1, within(0.01));
    assertThat(mean(spells, 0, REQUESTS)).isCloseTo(1, within(0.03));
    // Neighbours share a spell, but not the noise.
    assertThat(alike(noise, 1)).isCloseTo(0, within(0.02));
    assertThat(alike(spells, 50)).isCloseTo(Math.exp(-1), within(0.08));
  }

  /** Correlation of the logarithms, so many requests apart. */
  private static double alike(double[] factors, int apart) {
    double[] logs = new double[factors.length];
    java.util.Arrays.setAll(logs, i -> Math.log(factors[i]));
    double middle = mean(logs, 0, logs.length);
    double together = 0;
    double own = 0;
    for (int i = 0; i + apart < logs.length; i++) {
      together += (logs[i] - middle) * (logs[i + apart] - middle);
      own += (logs[i] - middle) * (logs[i] - middle);
    }
    return together / own;
  }

  @Test
  void drift_halves() {
    double[] factors = factors(new Weather(0, 0, 1, 4, 100, 0, 1), 301);
    assertThat(factors[0]).isEqualTo(5);
    assertThat(factors[100]).isCloseTo(3, within(1e-9));
    assertThat(factors[300]).isCloseTo(1.5, within(1e-9));
  }

  @Test
  void settling_followsARestoreOnly() {
    Weather.Course course = new Weather(0, 0, 1, 0, 1, 2, 5).begin(new SplittableRandom(1));
    assertThat(course.next(0)).isEqualTo(1);
    assertThat(course.next(1)).isEqualTo(3);
    assertThat(course.next(6)).isCloseTo(1 + 2 * Math.exp(-1), within(1e-9));
    assertThat(course.next(100)).isCloseTo(1, within(1e-6));
  }
}
