package dev.rekindle.loadtests.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.loadtests.start.StartBenchmark;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PercentilesTest {
  @Test
  void of_nothing_isEmpty() {
    assertThat(Percentiles.of(List.of())).isEmpty();
  }

  @Test
  void of_oneValue_isThatValue() {
    assertThat(Percentiles.of(List.of(7.5))).contains(new Percentiles(7.5, 7.5, 7.5));
  }

  @Test
  void of_unsortedHundred_takesNearestRanks() {
    List<Double> values =
        IntStream.rangeClosed(1, 100).mapToObj(i -> (double) (i * 37 % 101)).toList();

    assertThat(Percentiles.of(values)).contains(new Percentiles(50, 95, 1));
  }

  @Test
  void at_fewValues_isAlwaysAMeasuredOne() {
    List<Double> values = List.of(3.0, 1.0, 2.0, 4.0);

    assertThat(Percentiles.at(values, 25)).isEqualTo(1);
    assertThat(Percentiles.at(values, 50)).isEqualTo(2);
    assertThat(Percentiles.at(values, 51)).isEqualTo(3);
    assertThat(Percentiles.at(values, 95)).isEqualTo(4);
    assertThat(Percentiles.at(values, 100)).isEqualTo(4);
  }

  @Test
  void ratio_roundsOfUnequalSpeed_comparesWithinRounds() {
    // The second round is ten times slower for both: the ratio of each round is still a half.
    Report.Ratio ratio =
        StartBenchmark.ratio("a/b", List.of(1.0, 10.0, 2.0), List.of(2.0, 20.0, 4.0));

    assertThat(ratio).isEqualTo(new Report.Ratio("a/b", 0.5, 0.5, 0.5));
  }
}
