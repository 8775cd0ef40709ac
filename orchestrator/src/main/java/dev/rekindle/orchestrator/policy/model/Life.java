package dev.rekindle.orchestrator.policy.model;

import org.jspecify.annotations.Nullable;

/**
 * The life of an instance, as a policy sees it.
 *
 * @param snapshot what it was restored from; null if it was booted
 * @param request how many requests its process has served, those before its snapshot included
 * @param served how many of these were served here, since the boot or the restore
 * @param failures how many of those served here ended with an error of the function
 * @param checkpointAt what {@link StartPlan#checkpointAt()} said when it was started
 */
public record Life(
    @Nullable String snapshot, long request, long served, long failures, long checkpointAt) {
  /** Whether it was booted; otherwise it was restored. */
  public boolean cold() {
    return snapshot == null;
  }
}
