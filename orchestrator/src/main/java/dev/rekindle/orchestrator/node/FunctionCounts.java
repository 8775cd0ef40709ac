package dev.rekindle.orchestrator.node;

import dev.rekindle.api.FailureCounts;
import dev.rekindle.api.FunctionFailure;
import dev.rekindle.api.StartCounts;
import dev.rekindle.api.StartKind;
import dev.rekindle.orchestrator.instance.Failures;
import dev.rekindle.orchestrator.instance.InvocationOutcome;
import java.util.EnumMap;
import java.util.Map;

/** What a function has done since the service started; outlives its versions. */
public final class FunctionCounts {
  public final Map<StartKind, Long> starts = new EnumMap<>(StartKind.class);
  public long startFailures;
  public long restoreFailures;
  public long checkpointFailures;
  public long functionFailures;
  long timeouts;

  public StartCounts starts() {
    return new StartCounts(
        starts.getOrDefault(StartKind.COLD, 0L),
        starts.getOrDefault(StartKind.RESTORED, 0L),
        starts.getOrDefault(StartKind.STANDBY, 0L),
        starts.getOrDefault(StartKind.WARM, 0L));
  }

  public FailureCounts failures() {
    return new FailureCounts(
        startFailures, restoreFailures, checkpointFailures, functionFailures, timeouts);
  }

  /** An invocation was answered. */
  public void answered(InvocationOutcome outcome) {
    starts.merge(outcome.start(), 1L, Long::sum);
    FunctionFailure failure = outcome.failure();
    if (failure != null && failure.errorType().equals(Failures.TIMED_OUT)) {
      timeouts++;
    } else if (failure != null) {
      functionFailures++;
    }
  }
}
