package dev.rekindle.orchestrator.policy.model;

/**
 * What a new instance is started from and what it is meant for.
 *
 * @param start how to bring it up
 * @param checkpointAt the request number at which its policy wants to freeze it, or {@link
 *     #NO_CHECKPOINT}; comes back with each {@link Life} of the instance
 */
public record StartPlan(Start start, long checkpointAt) {
  /** No checkpoint is planned. */
  public static final long NO_CHECKPOINT = -1;

  /** A cold start without a plan. */
  public static final StartPlan COLD = new StartPlan(Start.COLD, NO_CHECKPOINT);

  /** The restore of a snapshot without a plan. */
  public static StartPlan restore(String snapshotId) {
    return new StartPlan(new Start.Restore(snapshotId), NO_CHECKPOINT);
  }
}
