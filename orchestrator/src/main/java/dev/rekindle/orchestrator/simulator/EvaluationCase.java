package dev.rekindle.orchestrator.simulator;

import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.PolicyDescription;
import dev.rekindle.orchestrator.policy.Policies;
import java.util.Locale;
import java.util.Map;

/**
 * A curve, costs and a length of lives that a policy is judged on.
 *
 * @param curve the curve
 * @param argument what {@code --curve} takes to find it
 * @param costs what starts and checkpoints cost
 * @param requests how many requests come
 * @param evictEvery after how many requests an instance is evicted
 * @param seed start of all chance
 */
record EvaluationCase(
    Curve curve, String argument, Costs costs, int requests, int evictEvery, long seed) {
  private static final String RIVAL = "request-centric";
  private static final double NANOS_PER_SECOND = 1e9;

  /**
   * What came of it.
   *
   * @param of the case
   * @param totalSeconds the judged policy's total
   * @param checkpoints the judged policy's checkpoints
   * @param bestOther which of the other policies had the least total
   * @param bestOtherSeconds its total
   * @param rivalSeconds the total of {@code request-centric}
   * @param rivalCheckpoints the checkpoints of {@code request-centric}
   * @param fixedRequest with which parameter {@code fixed} does best, in hindsight
   * @param fixedSeconds its total with that parameter
   * @param fixedCheckpoints its checkpoints with that parameter
   * @param leastPossibleSeconds no one does better, not even with foresight
   * @param lowestNeedsForesight whether nobody can be the lowest here and on a shorter record
   * @param fixedNeedsForesight whether nobody can keep near the best fixed choice in both
   */
  record Result(
      EvaluationCase of,
      double totalSeconds,
      long checkpoints,
      String bestOther,
      double bestOtherSeconds,
      double rivalSeconds,
      long rivalCheckpoints,
      long fixedRequest,
      double fixedSeconds,
      long fixedCheckpoints,
      double leastPossibleSeconds,
      boolean lowestNeedsForesight,
      boolean fixedNeedsForesight) {

    /** The command line that runs this case again. */
    String command(PolicyChoice judged) {
      Costs costs = of.costs();
      String others = bestOther.equals(RIVAL) ? RIVAL : RIVAL + "," + bestOther;
      return String.format(
          Locale.ROOT,
          "./rekindle simulate --curve %s --policy %s,%s,fixed:request=%d --requests %d"
              + " --evict-every %d --cold-ms %s --restore-ms %s --checkpoint-ms %s%s --seed %d",
          of.argument(),
          PolicyArgument.text(judged),
          others,
          fixedRequest,
          of.requests(),
          of.evictEvery(),
          WeatherOptions.plain(costs.coldMs()),
          WeatherOptions.plain(costs.restoreMs()),
          WeatherOptions.plain(costs.checkpointMs()),
          WeatherOptions.text(of.curve().weather()),
          of.seed());
    }
  }

  /** Runs all policies, and the best fixed choice in hindsight. */
  Result judge(PolicyChoice judged, Policies policies) {
    Experiment experiment =
        new Experiment(curve, costs, requests, evictEvery, Arrivals.ONE_AFTER_THE_OTHER, 0);
    Outcome own = experiment.run(policies, judged, seed);
    Outcome rival = own;
    Outcome other = null;
    for (PolicyDescription each : policies.descriptions()) {
      if (each.name().equals(judged.name()) && !each.name().equals(RIVAL)) {
        continue;
      }
      Outcome outcome = experiment.run(policies, new PolicyChoice(each.name(), Map.of()), seed);
      rival = each.name().equals(RIVAL) ? outcome : rival;
      if (other == null || outcome.totalSeconds() < other.totalSeconds()) {
        other = outcome;
      }
    }
    if (other == null) {
      throw new IllegalStateException("there is no other policy than " + judged.name());
    }
    Foresight foresight = new Foresight(curve, costs, requests, evictEvery);
    long request = foresight.bestFixed();
    Outcome fixed =
        experiment.run(policies, new PolicyChoice("fixed", Map.of("request", request)), seed);
    double limit = Target.NEAR_FIXED.limit();
    boolean calm = curve.weather().equals(Weather.CALM); // its sums know of nothing else
    return new Result(
        this,
        own.totalSeconds(),
        own.checkpoints(),
        other.name(),
        other.totalSeconds(),
        rival.totalSeconds(),
        rival.checkpoints(),
        request,
        fixed.totalSeconds(),
        fixed.checkpoints(),
        foresight.leastPossible() / NANOS_PER_SECOND,
        calm && foresight.needsForesight(other.totalSeconds() * NANOS_PER_SECOND, 1, 1),
        calm
            && foresight.needsForesight(
                limit * fixed.totalSeconds() * NANOS_PER_SECOND, limit, -1));
  }
}
