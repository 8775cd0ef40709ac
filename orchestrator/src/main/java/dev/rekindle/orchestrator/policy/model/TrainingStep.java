package dev.rekindle.orchestrator.policy.model;

/** What to do with a clone that has come to the request number of its training. */
public sealed interface TrainingStep {
  /** To take a snapshot of it. */
  record Freeze() implements TrainingStep {}

  /**
   * To go on.
   *
   * @param toRequest the request number at which to ask again
   * @param worthNanos what the events until there may take, in nanoseconds
   */
  record GoOn(long toRequest, long worthNanos) implements TrainingStep {}

  /**
   * To end it without a snapshot.
   *
   * @param reason why, in a few words
   */
  record Stop(String reason) implements TrainingStep {}
}
