package dev.rekindle.orchestrator.instance;

import dev.rekindle.orchestrator.node.ServiceException;

/** What became of a request and of the instance that took it. */
public sealed interface AttemptResult {
  /** Whether the instance may serve again. */
  boolean usable();

  /**
   * The function answered.
   *
   * @param outcome what the caller gets
   */
  record Answered(InvocationOutcome outcome) implements AttemptResult {
    @Override
    public boolean usable() {
      return true;
    }
  }

  /**
   * The function failed.
   *
   * @param outcome what the caller gets; its failure is there
   * @param usable whether the instance may serve again
   */
  record FunctionFailed(InvocationOutcome outcome, boolean usable) implements AttemptResult {}

  /**
   * The platform cannot pass an answer on.
   *
   * @param problem what the caller gets
   * @param usable whether the instance may serve again
   */
  record PlatformProblem(ServiceException problem, boolean usable) implements AttemptResult {}

  /** The instance never took the request: another one can. */
  record NotDelivered() implements AttemptResult {
    @Override
    public boolean usable() {
      return false;
    }
  }
}
