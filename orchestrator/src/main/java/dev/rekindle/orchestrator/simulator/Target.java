package dev.rekindle.orchestrator.simulator;

/** What the judged policy is to reach in each case, as a ratio that is not to be exceeded. */
enum Target {
  /** Its total is the lowest of all policies'. */
  LOWEST("total / best other policy's", 1),
  /** It is well below Pronghorn's. */
  BELOW_RIVAL("total / request-centric's", 0.8),
  /** It takes far fewer checkpoints than Pronghorn. */
  FEW_CHECKPOINTS("checkpoints / request-centric's", 0.2),
  /** It is near to the best fixed choice in hindsight. */
  NEAR_FIXED("total / best fixed in hindsight", 1.05);

  /** Sums of many numbers may differ by so much without meaning. */
  private static final double ROUNDING = 1e-9;

  private final String title;
  private final double limit;

  Target(String title, double limit) {
    this.title = title;
    this.limit = limit;
  }

  /** What is divided by what. */
  String title() {
    return title;
  }

  /** What the ratio is not to exceed. */
  double limit() {
    return limit;
  }

  /** The judged policy's ratio. */
  double ratio(EvaluationCase.Result result) {
    return ratio(result, result.totalSeconds(), (double) result.checkpoints());
  }

  /** The ratio of the best fixed choice, which knows the curve beforehand. */
  double ratioOfFixed(EvaluationCase.Result result) {
    return ratio(result, result.fixedSeconds(), (double) result.fixedCheckpoints());
  }

  private double ratio(EvaluationCase.Result result, double seconds, double checkpoints) {
    return switch (this) {
      case LOWEST -> seconds / result.bestOtherSeconds();
      case BELOW_RIVAL -> seconds / result.rivalSeconds();
      case FEW_CHECKPOINTS -> checkpoints / Math.max(1.0, (double) result.rivalCheckpoints());
      case NEAR_FIXED -> seconds / result.fixedSeconds();
    };
  }

  boolean met(double ratio) {
    return ratio <= limit * (1 + ROUNDING);
  }

  /** Whether nobody can be sure to meet it who does not know the curve beforehand. */
  boolean needsForesight(EvaluationCase.Result result) {
    return switch (this) {
      case LOWEST -> result.lowestNeedsForesight();
      case NEAR_FIXED -> result.fixedNeedsForesight();
      case BELOW_RIVAL, FEW_CHECKPOINTS -> !met(ratioOfFixed(result));
    };
  }
}
