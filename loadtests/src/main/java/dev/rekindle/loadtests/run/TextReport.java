package dev.rekindle.loadtests.run;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A report to read. */
public final class TextReport {
  private static final String ROW = "%-11s %9s %9s %9s %11s %11s %10s %9s%n";

  private TextReport() {}

  /** The text of a report, several lines. */
  public static String of(Report report) {
    StringBuilder text = new StringBuilder();
    Environment where = report.environment();
    add(
        text,
        "%s, %d MB heap, %d runs of each mode in turns; %d cores, Linux %s, CRIU %s, Java %s%n%n",
        where.runtime(),
        where.heapMb(),
        where.runs(),
        where.cores(),
        where.kernel(),
        where.criu(),
        where.java());
    add(
        text,
        ROW,
        "first",
        "p50 ms",
        "p95 ms",
        "min ms",
        "restore ms",
        "private MB",
        "shared MB",
        "read MB");
    for (Report.Row row : report.rows()) {
      Percentiles first = row.firstResponseMs();
      add(
          text,
          ROW,
          row.mode(),
          number(first.p50()),
          number(first.p95()),
          number(first.min()),
          number(row.restoreMs() == null ? null : row.restoreMs().p50()),
          number(row.privateMb()),
          number(row.sharedMb()),
          number(row.readMb()));
    }
    add(text, "%n");
    for (Report.Ratio ratio : report.ratios()) {
      add(
          text,
          "%-20s %.3f by medians; half of the rounds lie from %.3f to %.3f%n",
          ratio.name(),
          ratio.ofMedians(),
          ratio.p25(),
          ratio.p75());
    }
    if (report.clones() != null) {
      clones(text, report.clones());
    }
    report.row("floor").ifPresent(floor -> noise(text, floor.firstResponseMs()));
    return text.toString();
  }

  private static void clones(StringBuilder text, Report.Clones clones) {
    add(
        text,
        "%n%d clones of one snapshot at once: all answered, %.2f s, %.0f clones/s;"
            + " first response p50 %.1f ms, p95 %.1f ms;%n"
            + "%.1f MB private in all, and at most %.1f MB shared with others in any%n",
        clones.count(),
        clones.seconds(),
        clones.perSecond(),
        clones.firstResponseMs().p50(),
        clones.firstResponseMs().p95(),
        clones.privateMb(),
        clones.sharedMb());
  }

  /** The floor does the same work each time: what it varies by is the machine's doing. */
  private static void noise(StringBuilder text, Percentiles floor) {
    add(
        text,
        "%nNoise: the floor's p95 is %.1f times its minimum. On a quiet machine that is below 2;"
            + " above it, trust the ratios only, and those with a narrow spread.%n",
        floor.p95() / floor.min());
  }

  private static String number(@Nullable Double value) {
    return value == null ? "-" : String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.1f", value);
  }

  private static void add(StringBuilder text, String format, @Nullable Object... values) {
    text.append(String.format(Locale.ROOT, format, values));
  }
}
