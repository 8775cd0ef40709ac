package dev.rekindle.loadtests.run;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a benchmark found.
 *
 * @param environment where and how it ran
 * @param rows the modes
 * @param ratios the modes held against each other
 * @param clones the start of many at once, if asked for
 */
public record Report(
    Environment environment, List<Row> rows, List<Ratio> ratios, @Nullable Clones clones) {
  /** Copies the lists. */
  public Report {
    rows = List.copyOf(rows);
    ratios = List.copyOf(ratios);
  }

  /**
   * A mode. Medians are those of what could be measured; what could not is null.
   *
   * @param mode its name
   * @param firstResponseMs until the first response
   * @param restoreMs the restore alone
   * @param privateMb median of the memory that the process alone maps
   * @param sharedMb median of the memory that others map too
   * @param readMb median of what was read to bring memory back
   */
  public record Row(
      String mode,
      Percentiles firstResponseMs,
      @Nullable Percentiles restoreMs,
      @Nullable Double privateMb,
      @Nullable Double sharedMb,
      @Nullable Double readMb) {}

  /**
   * One mode's first response over another's.
   *
   * @param name the modes, such as {@code mapped/criu-eager}
   * @param ofMedians one median over the other
   * @param p25 a quarter of the rounds had a ratio up to this one
   * @param p75 three quarters of the rounds had a ratio up to this one
   */
  public record Ratio(String name, double ofMedians, double p25, double p75) {}

  /**
   * Many clones of one snapshot, started at once.
   *
   * @param count how many; all have answered
   * @param seconds until the last of them was up and had the answer ready
   * @param firstResponseMs of each clone, from the common start
   * @param privateMb memory that they map alone, all together
   * @param sharedMb memory that one of them shares, the most of any
   */
  public record Clones(
      int count, double seconds, Percentiles firstResponseMs, double privateMb, double sharedMb) {
    double perSecond() {
      return count / seconds;
    }
  }

  /** The row of a mode, if it was measured. */
  Optional<Row> row(String mode) {
    return rows.stream().filter(row -> row.mode().equals(mode)).findFirst();
  }
}
