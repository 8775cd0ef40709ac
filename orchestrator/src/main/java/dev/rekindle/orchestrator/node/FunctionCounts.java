package dev.rekindle.orchestrator.node;

import dev.rekindle.api.FailureCounts;
import dev.rekindle.api.FunctionFailure;
import dev.rekindle.api.StartCounts;
import dev.rekindle.api.StartKind;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a function has done since the service started; outlives its versions. */
public final class FunctionCounts {
  /** Answered invocations by how their instance was found. */
  public final Map<StartKind, Long> starts = new EnumMap<>(StartKind.class);

  /** Cold starts that failed. */
  public long startFailures;

  /** Restores that failed. */
  public long restoreFailures;

  /** Checkpoints that failed. */
  public long checkpointFailures;

  /** Invocations that the function itself failed. */
  public long functionFailures;

  long timeouts;

  /** Answered invocations by how their instance was found. */
  public StartCounts starts() {
    return new StartCounts(
        starts.getOrDefault(StartKind.COLD, 0L),
        starts.getOrDefault(StartKind.RESTORED, 0L),
        starts.getOrDefault(StartKind.STANDBY, 0L),
        starts.getOrDefault(StartKind.WARM, 0L));
  }

  /** All failures by kind. */
  public FailureCounts failures() {
    return new FailureCounts(
        startFailures, restoreFailures, checkpointFailures, functionFailures, timeouts);
  }

  /**
   * An invocation was answered.
   *
   * @param start how it got its instance
   * @param errorType the type of the function's failure, or null if it did not fail
   */
  public void answered(StartKind start, @Nullable String errorType) {
    starts.merge(start, 1L, Long::sum);
    if (FunctionFailure.TIMED_OUT.equals(errorType)) {
      timeouts++;
    } else if (errorType != null) {
      functionFailures++;
    }
  }
}
