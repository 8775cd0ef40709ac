package dev.rekindle.orchestrator.training;

import dev.rekindle.api.EventType;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.node.Admission;
import dev.rekindle.orchestrator.node.EventLog;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.orchestrator.policy.FunctionPolicy;
import dev.rekindle.orchestrator.policy.model.Start;
import dev.rekindle.orchestrator.policy.model.Training;
import dev.rekindle.orchestrator.pool.BackgroundRun;
import dev.rekindle.orchestrator.pool.FunctionRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Has clones trained while the node has nothing better to do, one at a time, for functions whose
 * deployment allows it and whose policy wants it. Lives on the event loop.
 */
public final class Trainer {
  /** How often to look for something to train. */
  private static final long PERIOD_MS = 1_000;

  /** Callers who leave no pause for so long leave none for trainings. */
  private static final long LONGEST_WAIT_MS = 60_000;

  /** After trainings that failed so often in a row, the version is not trained any more. */
  private static final int MAX_FAILURES = 3;

  /** After a training without a snapshot the function rests; each time twice as long. */
  private static final long SHORTEST_REST_MS = 2_000;

  private static final long LONGEST_REST_MS = 3_600_000;

  private final EventLoop loop;
  private final EventLog events;
  private final FunctionRegistry functions;
  private final Admission admission;
  private final Map<String, History> histories = new HashMap<>();
  private @Nullable String last;

  /** What came of a version's trainings. */
  private static final class History {
    private final DeployedFunction function;
    private int failures;
    private long restMs = SHORTEST_REST_MS;
    private long restsUntilMs;
    private long news = -1;

    History(DeployedFunction function) {
      this.function = function;
    }
  }

  /** Trains those functions while nothing is admitted. */
  public Trainer(EventLoop loop, EventLog events, FunctionRegistry functions, Admission admission) {
    this.loop = loop;
    this.events = events;
    this.functions = functions;
    this.admission = admission;
  }

  /** Begins to look, now and then. To be called on the event loop. */
  public void watch() {
    loop.every(PERIOD_MS, this::look);
  }

  private void look() {
    histories.keySet().retainAll(functions.names());
    if (admission.isClosed() || admission.running() > 0) {
      return;
    }
    for (FunctionRegistry.Registered each : inTurn()) {
      Optional<Training> wish = wish(each);
      if (wish.isPresent()) {
        functions
            .backgroundRuns()
            .train(each.runtime())
            .ifPresent(run -> train(each, run, wish.get()));
        return;
      }
    }
  }

  /** Those whose deployments allow it, after the one that was trained last. */
  private List<FunctionRegistry.Registered> inTurn() {
    List<FunctionRegistry.Registered> before = new ArrayList<>();
    List<FunctionRegistry.Registered> after = new ArrayList<>();
    for (FunctionRegistry.Registered each : functions.all()) {
      if (each.function().settings().warmup().training()) {
        boolean isAfter = last != null && each.function().name().compareTo(last) > 0;
        (isAfter ? after : before).add(each);
      }
    }
    after.addAll(before);
    return after;
  }

  private History history(DeployedFunction function) {
    History known = histories.get(function.name());
    if (known == null || !known.function.isSameVersion(function)) {
      known = new History(function);
      histories.put(function.name(), known);
    }
    return known;
  }

  /** Asks the policy, if it has heard something since it was asked last. */
  private Optional<Training> wish(FunctionRegistry.Registered registered) {
    History history = history(registered.function());
    FunctionPolicy policy = registered.pool().policy();
    if (history.failures >= MAX_FAILURES
        || history.news == policy.news()
        || loop.clock().millis() < history.restsUntilMs) {
      return Optional.empty();
    }
    history.news = policy.news();
    return policy.training();
  }

  private void train(FunctionRegistry.Registered registered, BackgroundRun run, Training wish) {
    last = run.function().name();
    History history = history(run.function());
    long began = loop.nanoTime();
    String from = wish.from() instanceof Start.Restore restore ? restore.snapshotId() : null;
    tell(run.function(), from, "begins, to request " + wish.toRequest(), null);
    new TrainingSession(loop, this::awaitQuiet, registered.pool(), run, wish)
        .run(registered.pool().starter(), wish.from())
        .onSuccess(how -> over(run.function(), history, how, (loop.nanoTime() - began) / 1e6));
  }

  private void over(
      DeployedFunction function, History history, TrainingSession.Outcome how, double millis) {
    if (how instanceof TrainingSession.Outcome.Done done) {
      history.failures = 0;
      history.restMs = SHORTEST_REST_MS;
      tell(
          function,
          done.snapshot().id(),
          "done at request %d after %d sample events"
              .formatted(done.snapshot().request(), done.events()),
          millis);
      return;
    }
    history.news = -1;
    history.restsUntilMs = loop.clock().millis() + history.restMs;
    history.restMs = Math.min(LONGEST_REST_MS, 2 * history.restMs);
    if (how instanceof TrainingSession.Outcome.NotWanted not) {
      tell(
          function,
          null,
          "ended without a snapshot after %d sample events: %s".formatted(not.events(), not.why()),
          millis);
    } else if (how instanceof TrainingSession.Outcome.CutOff cut) {
      tell(function, null, "cut off: " + cut.why(), millis);
    } else if (how instanceof TrainingSession.Outcome.Failed failed) {
      history.failures++;
      tell(
          function,
          null,
          (history.failures < MAX_FAILURES
                  ? "failed: "
                  : "given up for version %d: ".formatted(function.version()))
              + failed.why(),
          millis);
    }
  }

  private Future<Void> awaitQuiet() {
    if (admission.running() == 0) {
      return Future.succeededFuture();
    }
    Promise<Void> quiet = Promise.promise();
    EventLoop.Timer timer =
        loop.after(
            LONGEST_WAIT_MS,
            () -> quiet.tryFail("callers left no pause for " + LONGEST_WAIT_MS + " ms"));
    admission
        .quiet()
        .onComplete(
            done ->
                // Only after the caller's reply is on its way.
                loop.post(
                    () -> {
                      if (timer.cancel()) { // else it is too late
                        awaitQuiet().onSuccess(quiet::tryComplete).onFailure(quiet::tryFail);
                      }
                    }));
    return quiet.future();
  }

  private void tell(
      DeployedFunction function,
      @Nullable String snapshot,
      String message,
      @Nullable Double millis) {
    events.add(EventType.TRAINING, function.name(), null, snapshot, message, millis);
  }
}
