package dev.rekindle.orchestrator.pool;

import dev.rekindle.api.ProblemCode;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.instance.FunctionRuntime;
import dev.rekindle.orchestrator.node.Capacity;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.orchestrator.node.MemoryPressure;
import dev.rekindle.orchestrator.node.ServiceException;
import dev.rekindle.orchestrator.node.Workers;
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
public final class BackgroundRuns {
  private final EventLoop loop;
  private final Workers workers;
  private final Capacity capacity;
  private final MemoryPressure memory;
  private final BooleanSupplier someoneWaits;
  private final List<BackgroundRun> runs = new ArrayList<>();

  /**
   * None yet.
   *
   * @param someoneWaits whether a caller waits for an instance
   */
  BackgroundRuns(
      EventLoop loop,
      Workers workers,
      Capacity capacity,
      MemoryPressure memory,
      BooleanSupplier someoneWaits) {
    this.loop = loop;
    this.workers = workers;
    this.capacity = capacity;
    this.memory = memory;
    this.someoneWaits = someoneWaits;
  }

  /**
   * Takes a place for a training, if the node has nothing better to do with it: no other run is
   * there, and another place stays free for a caller.
   */
  public Optional<BackgroundRun> train(FunctionRuntime runtime) {
    if (!runs.isEmpty()
        || someoneWaits.getAsBoolean()
        || memory.isShort()
        || capacity.used() + 1 >= capacity.limit()) {
      return Optional.empty();
    }
    return Optional.ofNullable(capacity.take())
        .map(place -> add(runtime, BackgroundRun.Purpose.TRAINING, place));
  }

  /**
   * Takes a place for a recording, of which a function has one at a time. A training is ended, so
   * that it does not disturb the measuring.
   *
   * @throws ServiceException if there is none to be had now
   */
  public BackgroundRun record(FunctionRuntime runtime) {
    String name = runtime.name();
    if (runs.stream()
        .anyMatch(
            run ->
                run.purpose() == BackgroundRun.Purpose.RECORDING
                    && run.function().name().equals(name))) {
      throw new ServiceException(
          ProblemCode.CONFLICT,
          "A recording of '%s' is being made already.".formatted(name),
          "Wait until it has ended, then try again.");
    }
    boolean busy = someoneWaits.getAsBoolean() || memory.isShort();
    Capacity.Place place = busy ? null : capacity.take();
    if (place == null) {
      throw new ServiceException(
          ProblemCode.TOO_MANY_REQUESTS,
          "This node has no place or memory for a recording of '%s': callers go first."
              .formatted(name),
          "Try again when the service is less busy, or raise maxInstances of its configuration.");
    }
    giveWay(BackgroundRun.Purpose.TRAINING, "a recording begins");
    return add(runtime, BackgroundRun.Purpose.RECORDING, place);
  }

  private BackgroundRun add(
      FunctionRuntime runtime, BackgroundRun.Purpose purpose, Capacity.Place place) {
    BackgroundRun run = new BackgroundRun(loop, workers, runtime, purpose, place);
    runs.add(run);
    run.gone().onComplete(gone -> runs.remove(run));
    return run;
  }

  /**
   * Ends a run of some purpose because its place or its memory is needed; false if there is none to
   * end.
   */
  boolean giveWay(BackgroundRun.Purpose purpose, String need) {
    for (BackgroundRun run : runs) {
      if (run.purpose() == purpose && !run.isEnded()) {
        run.end(BackgroundRun.Why.GIVES_WAY, need);
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
                run.purpose() == BackgroundRun.Purpose.TRAINING
                    && run.function().isSameVersion(function),
            BackgroundRun.Why.OBSOLETE,
            message);
  }

  /** Ends the runs of a version; completes when they are gone. */
  Future<Void> end(DeployedFunction function, BackgroundRun.Why why, String message) {
    return end(run -> run.function().isSameVersion(function), why, message);
  }

  /** Ends all of them; completes when they are gone. */
  Future<Void> endAll() {
    return end(run -> true, BackgroundRun.Why.SHUTDOWN, "the service is shutting down");
  }

  private Future<Void> end(Predicate<BackgroundRun> which, BackgroundRun.Why why, String message) {
    return Future.join(
            List.copyOf(runs).stream().filter(which).map(run -> run.end(why, message)).toList())
        .mapEmpty();
  }
}
