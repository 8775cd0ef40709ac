package dev.rekindle.orchestrator.pool;

import dev.rekindle.api.ProblemCode;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.instance.Node;
import dev.rekindle.orchestrator.node.ServiceException;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * The instances of this node that serve no caller. They have what callers leave: they are not begun
 * while one waits, and are ended when one needs their place. Lives on the event loop.
 */
public final class PrivateRuns {
  private final Node node;
  private final BooleanSupplier someoneWaits;
  private final List<PrivateRun> runs = new ArrayList<>();

  /**
   * None yet.
   *
   * @param someoneWaits whether a caller waits for an instance
   */
  PrivateRuns(Node node, BooleanSupplier someoneWaits) {
    this.node = node;
    this.someoneWaits = someoneWaits;
  }

  /**
   * Takes a place for a training, if the node has nothing better to do with it: no other run is
   * there, and another place stays free for a caller.
   */
  public Optional<PrivateRun> train(DeployedFunction function) {
    if (!runs.isEmpty()
        || someoneWaits.getAsBoolean()
        || node.memory().isShort()
        || node.capacity().used() + 1 >= node.capacity().limit()
        || !node.capacity().take()) {
      return Optional.empty();
    }
    return Optional.of(add(new PrivateRun(node, function, PrivateRun.Purpose.TRAINING)));
  }

  /**
   * Takes a place for a recording, of which a function has one at a time. A training is ended, so
   * that it does not disturb the measuring.
   *
   * @throws ServiceException if there is none to be had now
   */
  public PrivateRun record(DeployedFunction function) {
    if (runs.stream()
        .anyMatch(
            run ->
                run.purpose() == PrivateRun.Purpose.RECORDING
                    && run.function().name().equals(function.name()))) {
      throw new ServiceException(
          ProblemCode.CONFLICT,
          "A recording of '%s' is being made already.".formatted(function.name()),
          "Wait until it has ended, then try again.");
    }
    if (someoneWaits.getAsBoolean() || node.memory().isShort() || !node.capacity().take()) {
      throw new ServiceException(
          ProblemCode.TOO_MANY_REQUESTS,
          "This node has no place or memory for a recording of '%s': callers go first."
              .formatted(function.name()),
          "Try again when the service is less busy, or raise maxInstances of its configuration.");
    }
    giveWay(PrivateRun.Purpose.TRAINING, "a recording begins");
    return add(new PrivateRun(node, function, PrivateRun.Purpose.RECORDING));
  }

  private PrivateRun add(PrivateRun run) {
    runs.add(run);
    run.gone().onComplete(gone -> runs.remove(run));
    return run;
  }

  /**
   * Ends a run of some purpose because its place or its memory is needed; false if there is none to
   * end.
   */
  boolean giveWay(PrivateRun.Purpose purpose, String need) {
    for (PrivateRun run : runs) {
      if (run.purpose() == purpose && !run.isEnded()) {
        run.end(PrivateRun.Why.GIVES_WAY, need);
        return true;
      }
    }
    return false;
  }

  /** The snapshots that they run from. */
  Set<String> snapshots() {
    Set<String> ids = new HashSet<>();
    runs.forEach(run -> run.snapshot().ifPresent(ids::add));
    return ids;
  }

  /** Ends the training of a version, if there is one. */
  void endTraining(DeployedFunction function, String message) {
    var unused =
        end(
            run ->
                run.purpose() == PrivateRun.Purpose.TRAINING
                    && run.function().isSameVersion(function),
            PrivateRun.Why.OBSOLETE,
            message);
  }

  /** Ends the runs of a version; completes when they are gone. */
  Future<Void> end(DeployedFunction function, PrivateRun.Why why, String message) {
    return end(run -> run.function().isSameVersion(function), why, message);
  }

  /** Ends all of them; completes when they are gone. */
  Future<Void> endAll() {
    return end(run -> true, PrivateRun.Why.SHUTDOWN, "the service is shutting down");
  }

  private Future<Void> end(Predicate<PrivateRun> which, PrivateRun.Why why, String message) {
    return Future.join(
            List.copyOf(runs).stream().filter(which).map(run -> run.end(why, message)).toList())
        .mapEmpty();
  }
}
