package dev.rekindle.orchestrator.training;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.orchestrator.instance.Instance;
import dev.rekindle.orchestrator.instance.InstanceStarter;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.orchestrator.policy.FunctionPolicy;
import dev.rekindle.orchestrator.policy.model.Start;
import dev.rekindle.orchestrator.policy.model.Training;
import dev.rekindle.orchestrator.policy.model.TrainingStep;
import dev.rekindle.orchestrator.pool.BackgroundRun;
import dev.rekindle.orchestrator.pool.Checkpoints;
import dev.rekindle.orchestrator.pool.FunctionPool;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Warms one private instance with sample events and freezes it where its policy says. Between two
 * events it waits while callers' requests run, so a caller shares the processor with one event at
 * most. Lives on the event loop.
 */
final class TrainingSession {
  /** Whatever the policy thinks it is worth, no step of a training takes longer. */
  private static final long LONGEST_STEP_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final EventLoop loop;
  private final Quiet quiet;
  private final FunctionPool pool;
  private final FunctionPolicy policy;
  private final BackgroundRun run;
  private final List<JsonNode> events;
  private final Promise<Outcome> outcome = Promise.promise();
  private long target;
  private long leftNanos;
  private int sent;
  private boolean freezing;
  private @Nullable Instance instance;

  /** How a training went. */
  sealed interface Outcome {
    /** There is a snapshot. */
    record Done(SnapshotDescription snapshot, int events) implements Outcome {}

    /** The policy wants none. */
    record NotWanted(String why, int events) implements Outcome {}

    /** It was cut off, by nobody's fault. */
    record CutOff(String why) implements Outcome {}

    /** The sample events, or the function, cannot be trained with. */
    record Failed(String why) implements Outcome {}
  }

  /** When no caller's request runs. */
  interface Quiet {
    /** Completes when it is quiet; fails if that takes too long. */
    Future<Void> awaited();
  }

  /** A training of a version's instance, in a run whose place is taken. */
  TrainingSession(
      EventLoop loop, Quiet quiet, FunctionPool pool, BackgroundRun run, Training wish) {
    this.loop = loop;
    this.quiet = quiet;
    this.pool = pool;
    this.policy = pool.policy();
    this.run = run;
    this.events = run.function().settings().warmup().events();
    this.target = wish.toRequest();
    this.leftNanos = Math.min(LONGEST_STEP_NANOS, wish.worthNanos());
  }

  /** Never fails; completes when nothing is left of the run. */
  Future<Outcome> run(InstanceStarter starter, Start from) {
    run.gone()
        .onSuccess(
            gone -> {
              if (!freezing) { // else the checkpoint has the last word
                broken(run.ending());
              }
            });
    run.start(starter, from).onSuccess(started -> begin(started, from)).onFailure(this::broken);
    return outcome.future().compose(how -> run.gone().map(how));
  }

  private void begin(Instance started, Start from) {
    if (from instanceof Start.Restore && started.origin() == null) {
      finish(new Outcome.CutOff("its snapshot could not be restored"));
      return;
    }
    instance = started;
    next(started);
  }

  private void next(Instance trained) {
    quiet
        .awaited()
        .onSuccess(
            now -> {
              if (trained.life().request() < target) {
                send(trained);
              } else {
                decide(trained);
              }
            })
        .onFailure(e -> finish(new Outcome.CutOff(String.valueOf(e.getMessage()))));
  }

  private void send(Instance trained) {
    if (leftNanos <= 0) {
      finish(new Outcome.Failed("the events take longer than a snapshot can save"));
      return;
    }
    int number = sent++ % events.size();
    EventLoop.Timer timer =
        loop.after(
            1 + TimeUnit.NANOSECONDS.toMillis(leftNanos),
            () ->
                finish(
                    new Outcome.Failed(
                        "sample event %d takes longer than a snapshot can save"
                            .formatted(number))));
    run.send(events.get(number), "training-" + sent)
        .onComplete(done -> timer.cancel())
        .onSuccess(answer -> answered(trained, number, answer))
        .onFailure(this::broken);
  }

  private void answered(Instance trained, int number, BackgroundRun.Answer answer) {
    leftNanos -= answer.nanos();
    policy.sampled(trained, answer.nanos(), answer.failure() != null);
    if (answer.failure() != null) {
      finish(new Outcome.Failed("sample event %d failed: %s".formatted(number, answer.failure())));
      return;
    }
    if (trained.served() == 1) {
      FunctionPool.fetchRest(trained);
    }
    next(trained);
  }

  private void decide(Instance trained) {
    TrainingStep step = policy.trained(trained);
    if (step instanceof TrainingStep.GoOn further && further.toRequest() > target) {
      target = further.toRequest();
      leftNanos = Math.min(LONGEST_STEP_NANOS, further.worthNanos());
      next(trained);
    } else if (step instanceof TrainingStep.Freeze) {
      freeze(trained);
    } else {
      String why = step instanceof TrainingStep.Stop stop ? stop.reason() : "it is far enough";
      finish(new Outcome.NotWanted(why, sent));
    }
  }

  private void freeze(Instance trained) {
    if (run.isEnded()) {
      broken(run.ending());
      return;
    }
    freezing = true;
    Checkpoints.Freeze freeze = pool.freeze(trained);
    freeze.resumed().onSuccess(usable -> run.end(BackgroundRun.Why.DONE, "it is frozen"));
    freeze
        .stored()
        .onSuccess(snapshot -> finish(new Outcome.Done(snapshot, sent)))
        .onFailure(e -> finish(new Outcome.Failed("its checkpoint failed: " + e.getMessage())));
  }

  private void broken(Throwable e) {
    finish(
        e instanceof BackgroundRun.Ended
            ? new Outcome.CutOff(String.valueOf(e.getMessage()))
            : new Outcome.Failed(
                instance == null
                    ? "it did not start: " + e.getMessage()
                    : "sample event %d: %s".formatted((sent - 1) % events.size(), e.getMessage())));
  }

  /** The first word counts: ending the run makes what it is doing fail. */
  private void finish(Outcome how) {
    outcome.tryComplete(how);
    run.end(BackgroundRun.Why.DONE, "the training is over");
  }
}
