package dev.rekindle.orchestrator.policy.adaptive;

import static dev.rekindle.orchestrator.policy.model.Parameters.numeric;

import dev.rekindle.api.PolicyParameter;
import dev.rekindle.orchestrator.policy.model.Parameters;
import java.util.List;

/**
 * The parameters of {@link AdaptivePolicy}.
 *
 * @param horizonRequests a new function is expected to serve so many requests
 * @param paybackMs a snapshot must pay within this time
 * @param surprise halvings of latency in an octave of request numbers, before the curve is seen
 * @param lookingShare what looking further takes at most, as a share of what callers wait
 * @param checkpointShare checkpoints for each start, at most, in the long run
 * @param burstRequests how far it may look at once, in requests, at first
 * @param maxSnapshots how many snapshots are kept
 */
public record AdaptiveSettings(
    double horizonRequests,
    double paybackMs,
    double surprise,
    double lookingShare,
    double checkpointShare,
    double burstRequests,
    int maxSnapshots) {
  private static final double MS_PER_HOUR = 3.6e6;

  private static final PolicyParameter HORIZON =
      numeric("horizonRequests", 5000, 1, 1e12, "A new function is expected to serve so many.");
  private static final PolicyParameter PAYBACK =
      numeric("paybackHours", 168, 0.01, 1e6, "A snapshot must pay within this time, in hours.");
  private static final PolicyParameter SURPRISE =
      numeric(
          "surprise",
          0.04,
          0,
          1,
          "How often latency is expected to halve while the request number doubles, before it is"
              + " seen.");
  private static final PolicyParameter LOOKING =
      numeric(
          "lookingShare",
          0.08,
          0,
          1,
          "The share of what callers wait that checkpoints for looking further take at most.");
  private static final PolicyParameter SHARE =
      numeric(
          "checkpointShare", 0.08, 0, 1, "Checkpoints for each start, at most, in the long run.");
  private static final PolicyParameter BURST =
      numeric("burstRequests", 400, 0, 1e6, "How far it may look at once, in requests, at first.");
  private static final PolicyParameter SNAPSHOTS =
      numeric("maxSnapshots", 10, 2, 1000, "How many snapshots are kept.");

  /** What a user may set. */
  public static final List<PolicyParameter> PARAMETERS =
      List.of(HORIZON, PAYBACK, SURPRISE, LOOKING, SHARE, BURST, SNAPSHOTS);

  /** What a user has set. */
  static AdaptiveSettings of(Parameters parameters) {
    return new AdaptiveSettings(
        parameters.number(HORIZON.name()),
        parameters.number(PAYBACK.name()) * MS_PER_HOUR,
        parameters.number(SURPRISE.name()),
        parameters.number(LOOKING.name()),
        parameters.number(SHARE.name()),
        parameters.number(BURST.name()),
        parameters.wholeNumber(SNAPSHOTS.name()));
  }

  double paybackHours() {
    return paybackMs / MS_PER_HOUR;
  }
}
