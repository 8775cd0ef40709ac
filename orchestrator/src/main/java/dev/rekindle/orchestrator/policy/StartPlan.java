package dev.rekindle.orchestrator.policy;

/**
 * What a new instance is started from and what it is meant for.
 *
 * @param start how to bring it up
 * @param checkpointAt the request number at which its policy wants to freeze it, 0 for none; comes
 *     back with each {@link Life} of the instance
 */
public record StartPlan(Start start, long checkpointAt) {
  /** A cold start without a plan. */
  public static final StartPlan COLD = new StartPlan(Start.COLD, 0);

  /** The restore of a snapshot without a plan. */
  public static StartPlan restore(String snapshotId) {
    return new StartPlan(new Start.Restore(snapshotId), 0);
  }
}
