package dev.rekindle.loadtests.store;

import dev.rekindle.loadtests.run.Environment;
import java.util.Locale;

/** A report of {@code bench store} to read. */
final class StoreTextReport {
  private static final String ROW = "%-16s %9s %9s %9s %9s %11s %10s %10s%n";

  private StoreTextReport() {}

  /** The text of a report, several lines. */
  static String of(StoreReport report) {
    StringBuilder text = new StringBuilder();
    Environment where = report.environment();
    add(
        text,
        "%s, %d MB heap, %d runs of each mode in turns; link: %s ms there and back, %s MB/s;"
            + " %d cores, Linux %s, CRIU %s, Java %s%n%n",
        where.runtime(),
        where.heapMb(),
        where.runs(),
        number(report.latencyMs()),
        number(report.bandwidthMb()),
        where.cores(),
        where.kernel(),
        where.criu(),
        where.java());
    add(
        text,
        ROW,
        "cold cache, first",
        "p50 ms",
        "p95 ms",
        "min ms",
        "fetch ms",
        "restore ms",
        "MB before",
        "MB in all");
    for (StoreReport.Row row : report.rows()) {
      add(
          text,
          ROW,
          row.mode(),
          number(row.firstResponseMs().p50()),
          number(row.firstResponseMs().p95()),
          number(row.firstResponseMs().min()),
          number(row.fetchMs()),
          number(row.restoreMs()),
          number(row.mbBefore()),
          number(row.mbInAll()));
    }
    add(
        text,
        "%nlazy-from-afar: %.3f of download-all; %.1f %% of the image came before the response%n",
        report.lazyToDownload(),
        100 * report.lazyBytesToImage());
    StoreReport.Upload upload = report.upload();
    add(
        text,
        "%nupload of %.1f MB: on disk after %.0f ms, durable after %.0f ms, %.1f MB/s;"
            + " %.1f MB sent%n",
        upload.imageMb(),
        upload.localMs(),
        upload.durableMs(),
        upload.throughputMb(),
        upload.sentMb());
    stored(text, "functions on one runtime", report.functions());
    stored(text, "snapshots of one function", report.snapshots());
    return text.toString();
  }

  private static void stored(StringBuilder text, String what, StoreReport.Stored stored) {
    add(
        text,
        "%d %s: %.1f MB stored for %.1f MB of images, %.3f;"
            + " the first took %.1f MB, the last %.2f MB, %.3f of that%n",
        stored.count(),
        what,
        stored.storedMb(),
        stored.imagesMb(),
        stored.storedToImages(),
        stored.firstMb(),
        stored.lastMb(),
        stored.lastToFirst());
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.1f", value);
  }

  private static void add(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values));
  }
}
