package dev.rekindle.loadtests.policies;

import java.util.Locale;
import java.util.stream.Collectors;

/** The report of {@code bench policies}, to read. */
final class PoliciesTextReport {
  private static final String HEAD = "%-24s %8s %8s %8s %9s %5s %5s %9s %8s %6s %10s  %s%n";
  private static final String ROW =
      "%-24s %8.2f %8.2f %8.1f %9.1f %5d %5d %9d %8d %6d %10.1f  %s%n";

  private PoliciesTextReport() {}

  /** The text of a report, several lines. */
  static String of(PoliciesReport report) {
    StringBuilder text = new StringBuilder();
    add(
        text,
        "%d requests, all instances evicted after every %d; policies in turns, life by life;%n%s%n",
        report.requests(),
        report.evictEvery(),
        report.machine().line());
    for (PoliciesReport.Trials trials : report.functions()) {
      add(text, "%n%s: %s%n", trials.runtime(), trials.about());
      add(
          text,
          HEAD,
          "policy",
          "total s",
          "p50 ms",
          "p99 ms",
          "first ms",
          "made",
          "cold",
          "restored",
          "standby",
          "warm",
          "stored MB",
          "snapshots at");
      for (PoliciesReport.Row row : trials.policies()) {
        add(
            text,
            ROW,
            row.policy(),
            row.totalSeconds(),
            row.p50Ms(),
            row.p99Ms(),
            row.firstResponseMs(),
            row.checkpoints(),
            row.cold(),
            row.restored(),
            row.standby(),
            row.warm(),
            row.storedMb(),
            row.snapshotsAt().stream().map(String::valueOf).collect(Collectors.joining(" ")));
      }
      verdict(text, trials);
    }
    return text.toString();
  }

  private static void verdict(StringBuilder text, PoliciesReport.Trials trials) {
    if (trials.adaptive().isEmpty() || trials.best().isEmpty()) {
      return;
    }
    PoliciesReport.Row adaptive = trials.adaptive().get();
    PoliciesReport.Row best = trials.best().get();
    add(
        text,
        "adaptive took %.2f of the total of the best other policy (%s), with %d checkpoints to"
            + " its %d%n",
        adaptive.totalSeconds() / best.totalSeconds(),
        best.policy(),
        adaptive.checkpoints(),
        best.checkpoints());
  }

  private static void add(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values));
  }
}
