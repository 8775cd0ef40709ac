package dev.rekindle.orchestrator.policy.model;

import java.util.OptionalDouble;

/**
 * What all functions of a node together may spend on snapshots. Policies ask before they spend, and
 * say what the spending would save, so that it goes where it saves callers most. Those that do not
 * ask are held to the same limits by whoever runs them.
 */
public interface Budget {
  /** A budget without limits, for one function on its own. */
  Budget UNLIMITED =
      new Budget() {
        @Override
        public boolean mayCheckpoint(double savedSeconds) {
          return true;
        }

        @Override
        public void checkpointed() {}

        @Override
        public boolean mayHold(long bytes, double savedSecondsPerHour) {
          return true;
        }

        @Override
        public boolean storageIsShort() {
          return false;
        }

        @Override
        public double nanosPerByteSecond() {
          return 0;
        }

        @Override
        public OptionalDouble instanceBytes() {
          return OptionalDouble.empty();
        }
      };

  /**
   * Whether a checkpoint may be taken now.
   *
   * @param savedSeconds what it is expected to save callers in all
   */
  boolean mayCheckpoint(double savedSeconds);

  /** A checkpoint was taken; told by whoever took it, once, whatever policy wanted it. */
  void checkpointed();

  /**
   * Whether one more snapshot may be held in the store.
   *
   * @param bytes its size
   * @param savedSecondsPerHour what it saves callers
   */
  boolean mayHold(long bytes, double savedSecondsPerHour);

  /** Whether so much is stored that a function had better keep one snapshot only. */
  boolean storageIsShort();

  /**
   * The price of memory for idle and standby instances: how many nanoseconds of waiting one byte
   * must save in a second to be worth it; 0 where memory is not short.
   */
  double nanosPerByteSecond();

  /** What an idle instance of the function holds for itself, if that was measured. */
  OptionalDouble instanceBytes();
}
