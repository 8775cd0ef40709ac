package dev.rekindle.orchestrator.policy.model;

import java.util.List;
import java.util.Optional;

/**
 * Decides for one version of one function when to take a snapshot, what to start from and what to
 * keep. One object for each function; all calls come from one thread (the service's event loop, or
 * the simulator), so it answers at once and needs no locks. It knows nothing of the service: what
 * happens is told to it, time and randomness are given to it ({@link PolicyContext}).
 */
public interface Policy {
  /** The name it is chosen by. */
  String name();

  /** What a new instance is to be started from. */
  StartPlan start(List<SnapshotView> ready);

  /**
   * Whether to freeze an instance now. Asked after a boot, before its first request ({@code
   * life.request()} is 0), and after each request, when it is idle.
   *
   * @param life the instance's life so far
   * @param snapshots the function's snapshots, those in the making included
   */
  boolean checkpoint(Life life, List<SnapshotView> snapshots);

  /** Whether to freeze an idle instance that is about to be evicted for good. */
  default boolean checkpointAtEviction(Life life, List<SnapshotView> snapshots) {
    return false;
  }

  /** The ids of snapshots to remove. Asked after a checkpoint and before a start. */
  default List<String> prune(List<SnapshotView> ready) {
    return List.of();
  }

  /** What is to be kept ready. */
  default ReadinessWish readiness() {
    return ReadinessWish.NONE;
  }

  /**
   * A snapshot that is worth making off the request path, with sample events. Asked only where the
   * deployment gives some and allows it, and when there is a snapshot already.
   */
  default Optional<Training> training(List<SnapshotView> ready) {
    return Optional.empty();
  }

  /** What to do with a clone that has come to the request number of its training. */
  default TrainingStep trained(Life life, List<SnapshotView> snapshots) {
    return new TrainingStep.Freeze();
  }

  /** A clone in training has answered a sample event. It belongs to no caller. */
  default void sampled(Served served) {}

  /**
   * A request arrived; told before any start for it.
   *
   * @param others how many other requests run or wait
   */
  default void arrived(int others) {}

  /** An instance was started. */
  default void started(Started started) {}

  /** A request was answered. Told before {@link #checkpoint} is asked. */
  default void served(Served served) {}

  /** A checkpoint worked; its snapshot is ready. */
  default void checkpointed(Checkpointed checkpointed) {}

  /** An instance is gone. */
  default void ended(Life life) {}

  /** What it holds to be true. */
  default Beliefs beliefs(List<SnapshotView> ready) {
    return Beliefs.NONE;
  }

  /** What it has learnt, to be kept. */
  default PolicyState state() {
    return PolicyState.empty(name());
  }

  /**
   * Takes over what was kept.
   *
   * @throws PolicyStateException if it is damaged, of another policy or another format
   */
  default void restore(PolicyState state) {
    state.check(name(), 1);
  }
}
