package dev.rekindle.loadtests.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.api.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final Report REPORT =
      new Report(
          new Environment(
              2,
              "6.18",
              "4.2.1",
              "17.0.1",
              Instant.parse("2026-01-02T03:04:05Z"),
              "python3",
              9,
              50),
          List.of(
              new Report.Row(
                  "mapped",
                  new Percentiles(8.5, 12, 8),
                  new Percentiles(5.5, 6, 5),
                  1.5,
                  14.0,
                  null),
              new Report.Row("floor", new Percentiles(2, 3, 1), null, null, null, null)),
          List.of(new Report.Ratio("mapped/criu-eager", 0.25, 0.2, 0.3)),
          null);

  @Test
  void json_ofReport_hasTheAgreedShape() {
    assertThat(new String(Json.write(JsonReport.of(REPORT)), StandardCharsets.UTF_8))
        .isEqualTo(
            """
            {"environment":{"cores":2,"kernel":"6.18","criu":"4.2.1","java":"17.0.1",\
            "date":"2026-01-02T03:04:05Z","runtime":"python3","runs":9,"heapMb":50},\
            "rows":[{"mode":"mapped","firstResponseMs":{"p50":8.5,"p95":12.0,"min":8.0},\
            "restoreMs":{"p50":5.5,"p95":6.0,"min":5.0},"privateMb":1.5,"sharedMb":14.0},\
            {"mode":"floor","firstResponseMs":{"p50":2.0,"p95":3.0,"min":1.0}}],\
            "ratios":{"mapped/criu-eager":{"ofMedians":0.25,"p25":0.2,"p75":0.3}}}""");
  }

  @Test
  void json_withClones_hasThemBesides() {
    Report report =
        new Report(
            REPORT.environment(),
            List.of(),
            List.of(),
            new Report.Clones(100, 0.5, new Percentiles(200, 480, 20), 150, 14));

    assertThat(JsonReport.of(report))
        .extractingByKey("clones")
        .hasToString(
            "{count=100, seconds=0.5, perSecond=200.0, firstResponseMs=Percentiles[p50=200.0,"
                + " p95=480.0, min=20.0], privateMb=150.0, sharedMb=14.0}");
  }

  @Test
  void text_ofReport_showsWhatWasMeasuredAndNothingElse() {
    assertThat(TextReport.of(REPORT).lines())
        .contains(
            "mapped           8.50      12.0      8.00        5.50        1.50       14.0         -",
            "floor            2.00      3.00      1.00           -           -          -         -",
            "mapped/criu-eager    0.250 by medians; half of the rounds lie from 0.200 to 0.300")
        .anyMatch(line -> line.startsWith("Noise: the floor's p95 is 3.0 times its minimum."));
  }
}
