package dev.rekindle.orchestrator.instance;

import dev.rekindle.engine.sandbox.ExitStatus;
import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.orchestrator.node.EventLoop;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * How a function's process ended. A closed connection comes a moment before the exit status of the
 * process that closed it; this is the one place that waits for that moment.
 */
public final class ProcessExit {
  /** What the status of a process that has ended may take to arrive. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private ProcessExit() {}

  /**
   * The status of a process that has ended. Completes after {@link #PATIENCE} with "killed" if
   * nothing is heard: the sandbox itself is gone then.
   */
  public static Future<ExitStatus> of(EventLoop loop, Sandbox sandbox, int pid) {
    return within(loop, sandbox, pid, PATIENCE).map(s -> s.orElseGet(ExitStatus::killed));
  }

  /** The status of a process if it ends in that time; empty if it lives on. */
  public static Future<Optional<ExitStatus>> within(
      EventLoop loop, Sandbox sandbox, int pid, Duration time) {
    return loop.future(
        sandbox
            .exit(pid)
            .thenApply(Optional::of)
            .completeOnTimeout(Optional.empty(), time.toMillis(), TimeUnit.MILLISECONDS));
  }
}
