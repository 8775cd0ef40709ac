package dev.rekindle.loadtests.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A report as a tree for JSON. What could not be measured has no field. */
public final class JsonReport {
  private JsonReport() {}

  /** The tree of a report. */
  public static Map<String, Object> of(Report report) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("environment", report.environment());
    List<Object> rows = new ArrayList<>();
    report.rows().forEach(row -> rows.add(row(row)));
    json.put("rows", rows);
    Map<String, Object> ratios = new LinkedHashMap<>();
    for (Report.Ratio ratio : report.ratios()) {
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("ofMedians", ratio.ofMedians());
      values.put("p25", ratio.p25());
      values.put("p75", ratio.p75());
      ratios.put(ratio.name(), values);
    }
    json.put("ratios", ratios);
    if (report.clones() != null) {
      json.put("clones", clones(report.clones()));
    }
    return json;
  }

  private static Map<String, Object> row(Report.Row row) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("mode", row.mode());
    json.put("firstResponseMs", row.firstResponseMs());
    putIfMeasured(json, "restoreMs", row.restoreMs());
    putIfMeasured(json, "privateMb", row.privateMb());
    putIfMeasured(json, "sharedMb", row.sharedMb());
    putIfMeasured(json, "readMb", row.readMb());
    return json;
  }

  private static void putIfMeasured(
      Map<String, Object> json, String field, @Nullable Object value) {
    if (value != null) {
      json.put(field, value);
    }
  }

  private static Map<String, Object> clones(Report.Clones clones) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("count", clones.count());
    json.put("seconds", clones.seconds());
    json.put("perSecond", clones.perSecond());
    json.put("firstResponseMs", clones.firstResponseMs());
    json.put("privateMb", clones.privateMb());
    json.put("sharedMb", clones.sharedMb());
    return json;
  }
}
