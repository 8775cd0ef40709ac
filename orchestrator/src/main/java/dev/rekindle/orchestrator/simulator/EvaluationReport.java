package dev.rekindle.orchestrator.simulator;

import dev.rekindle.api.PolicyChoice;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What an evaluation shows: how often each target is met, how the ratios are distributed, and the
 * worst cases.
 */
final class EvaluationReport {
  private final PolicyChoice judged;
  private final List<EvaluationCase.Result> results;
  private final int worst;

  /**
   * Reports on results.
   *
   * @param judged the policy
   * @param worst how many of the worst cases are shown for each target
   */
  EvaluationReport(PolicyChoice judged, List<EvaluationCase.Result> results, int worst) {
    this.judged = judged;
    this.results = List.copyOf(results);
    this.worst = worst;
  }

  /**
   * How well one target was met.
   *
   * @param target what is divided by what
   * @param limit what the ratio is not to exceed
   * @param cases how many cases there were
   * @param met in how many it was met
   * @param metByBestFixed in how many the best fixed choice in hindsight meets it
   * @param missedForWantOfForesight in how many of those missed nobody could be sure to meet it who
   *     does not know the curve
   * @param ratios its distribution
   * @param worst the worst cases
   */
  record TargetReport(
      String target,
      double limit,
      int cases,
      long met,
      long metByBestFixed,
      long missedForWantOfForesight,
      Map<String, Double> ratios,
      List<Worst> worst) {}

  /**
   * A case that went badly.
   *
   * @param ratio its ratio
   * @param needsForesight whether nobody could be sure to do better who does not know the curve
   * @param command runs it again
   */
  record Worst(double ratio, boolean needsForesight, String command) {}

  /** How well each target was met. */
  List<TargetReport> targets() {
    List<TargetReport> reports = new ArrayList<>();
    for (Target target : Target.values()) {
      double[] ratios = results.stream().mapToDouble(target::ratio).sorted().toArray();
      Predicate<EvaluationCase.Result> met = each -> target.met(target.ratio(each));
      Predicate<EvaluationCase.Result> metByFixed = each -> target.met(target.ratioOfFixed(each));
      reports.add(
          new TargetReport(
              target.title(),
              target.limit(),
              ratios.length,
              results.stream().filter(met).count(),
              results.stream().filter(metByFixed).count(),
              results.stream().filter(met.negate().and(target::needsForesight)).count(),
              distribution(ratios),
              results.stream()
                  .sorted(Comparator.comparingDouble(target::ratio).reversed())
                  .limit(worst)
                  .map(
                      each ->
                          new Worst(
                              target.ratio(each),
                              target.needsForesight(each),
                              each.command(judged)))
                  .toList()));
    }
    return reports;
  }

  private static Map<String, Double> distribution(double[] ascending) {
    Map<String, Double> shown = new LinkedHashMap<>();
    double sum = 0;
    for (double each : ascending) {
      sum += each;
    }
    shown.put("least", ascending[0]);
    shown.put("p25", quantile(ascending, 0.25));
    shown.put("median", quantile(ascending, 0.5));
    shown.put("mean", sum / ascending.length);
    shown.put("p75", quantile(ascending, 0.75));
    shown.put("p90", quantile(ascending, 0.9));
    shown.put("p99", quantile(ascending, 0.99));
    shown.put("most", ascending[ascending.length - 1]);
    return shown;
  }

  /** The least value that at least that share of all does not exceed. */
  private static double quantile(double[] ascending, double share) {
    return ascending[Math.max(0, (int) Math.ceil(share * ascending.length) - 1)];
  }

  /** The report as JSON will have it. */
  Map<String, Object> json() {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("policy", PolicyArgument.text(judged));
    report.put("cases", results.size());
    report.put("targets", targets());
    report.put("results", results.stream().map(this::json).toList());
    return report;
  }

  private Map<String, Object> json(EvaluationCase.Result result) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("curve", result.of().argument());
    shown.put("evictEvery", result.of().evictEvery());
    shown.put("coldMs", result.of().costs().coldMs());
    shown.put("restoreMs", result.of().costs().restoreMs());
    shown.put("checkpointMs", result.of().costs().checkpointMs());
    shown.put("seed", result.of().seed());
    shown.put("totalSeconds", result.totalSeconds());
    shown.put("checkpoints", result.checkpoints());
    shown.put("bestOther", result.bestOther());
    shown.put("bestOtherSeconds", result.bestOtherSeconds());
    shown.put("requestCentricSeconds", result.rivalSeconds());
    shown.put("requestCentricCheckpoints", result.rivalCheckpoints());
    shown.put("bestFixedRequest", result.fixedRequest());
    shown.put("bestFixedSeconds", result.fixedSeconds());
    shown.put("leastPossibleSeconds", result.leastPossibleSeconds());
    shown.put("lowestNeedsForesight", result.lowestNeedsForesight());
    shown.put("nearFixedNeedsForesight", result.fixedNeedsForesight());
    shown.put("command", result.command(judged));
    return shown;
  }

  /** The report as a table to read. */
  String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s in %d cases%n%n%-32s %5s %5s %8s %9s  %6s %6s %6s %6s %6s %6s%n",
            PolicyArgument.text(judged),
            results.size(),
            "",
            "limit",
            "met",
            "by fixed",
            "foresight",
            "median",
            "mean",
            "p75",
            "p90",
            "p99",
            "most"));
    List<TargetReport> targets = targets();
    for (TargetReport each : targets) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-32s %5.2f %5d %8d %9d  %6.3f %6.3f %6.3f %6.3f %6.3f %6.3f%n",
              each.target(),
              each.limit(),
              each.met(),
              each.metByBestFixed(),
              each.missedForWantOfForesight(),
              each.ratios().get("median"),
              each.ratios().get("mean"),
              each.ratios().get("p75"),
              each.ratios().get("p90"),
              each.ratios().get("p99"),
              each.ratios().get("most")));
    }
    text.append(
        String.format(
            "%nby fixed: met by the best fixed choice in hindsight, which knows the curve."
                + "%nforesight: missed where nobody can be sure to meet it without knowing the"
                + " curve.%n"));
    for (TargetReport each : targets) {
      text.append(String.format("%nworst %s:%n", each.target()));
      for (Worst bad : each.worst()) {
        text.append(
            String.format(
                Locale.ROOT,
                "  %.3f%s %s%n",
                bad.ratio(),
                bad.needsForesight() ? " (foresight)" : "",
                bad.command()));
      }
    }
    return text.toString();
  }
}
