package dev.rekindle.orchestrator.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.EventType;
import dev.rekindle.api.FunctionFailure;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.api.RecordingText;
import dev.rekindle.orchestrator.instance.FunctionJournal;
import dev.rekindle.orchestrator.instance.InstanceStarter;
import dev.rekindle.orchestrator.instance.StartFailure;
import dev.rekindle.orchestrator.node.ServiceException;
import dev.rekindle.orchestrator.policy.model.Start;
import dev.rekindle.orchestrator.pool.BackgroundRun;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Drives a private instance through its requests and sends each one's latency as it is measured.
 * What a slow reader has not taken yet is buffered: at most some 2 MB, by the limit on requests.
 */
final class RecordingStream {
  private final FunctionJournal journal;
  private final BackgroundRun run;
  private final RoutingContext context;
  private final HttpServerResponse response;
  private final List<JsonNode> events;
  private final int requests;
  private long failed;

  /** Sends what a run measures in reply to a call. */
  RecordingStream(
      FunctionJournal journal,
      BackgroundRun run,
      RoutingContext context,
      List<JsonNode> events,
      int requests) {
    this.journal = journal;
    this.run = run;
    this.context = context;
    this.response = context.response();
    this.events = events;
    this.requests = requests;
  }

  /** Records from a cold start to the last request, or until something ends it. */
  void run(InstanceStarter starter) {
    context.addEndHandler(
        over -> {
          if (over.failed()) {
            run.end(BackgroundRun.Why.DONE, "its client left");
          }
        });
    run.start(starter, Start.COLD)
        .onSuccess(
            instance -> {
              response.setChunked(true).putHeader("Content-Type", "text/csv; charset=utf-8");
              response.write(RecordingText.HEADER + "\n");
              next(1);
            })
        .onFailure(this::broken);
  }

  private void next(int request) {
    if (request > requests) {
      finished();
      return;
    }
    run.send(events.get((request - 1) % events.size()), "recording-" + request)
        .onSuccess(
            answer -> {
              failed += answer.failure() == null ? 0 : 1;
              long micros = TimeUnit.NANOSECONDS.toMicros(answer.nanos());
              response.write(RecordingText.row(request, micros));
              next(request + 1);
            })
        .onFailure(this::broken);
  }

  private void finished() {
    log("%d requests recorded, %d of them failed".formatted(requests, failed));
    // A caller of this function who hears the end may record again.
    run.end(BackgroundRun.Why.DONE, "it is recorded")
        .onComplete(gone -> response.end(RecordingText.end(failed)));
  }

  private void broken(Throwable e) {
    ServiceException problem = problem(e);
    log("ended early: " + problem.getMessage());
    Future<Void> gone = run.end(BackgroundRun.Why.DONE, "it cannot go on");
    var document = Replies.problemOf(problem, Replies.requestId(context));
    if (!response.headWritten()) {
      gone.onComplete(done -> Replies.problem(context, document));
    } else if (!response.closed()) {
      response
          .write(RecordingText.end(document))
          .onComplete(sent -> context.request().connection().close());
    }
  }

  private ServiceException problem(Throwable e) {
    String name = run.function().name();
    if (e instanceof StartFailure) {
      return new ServiceException(
          ProblemCode.START_FAILED,
          "No instance of '%s' could be started: %s".formatted(name, e.getMessage()));
    }
    if (e instanceof BackgroundRun.Ended ended) {
      String detail = "The recording of '%s' was ended: %s.".formatted(name, ended.getMessage());
      return switch (ended.why()) {
        case DONE, OBSOLETE -> new ServiceException(ProblemCode.CONFLICT, detail, "Record again.");
        case GIVES_WAY ->
            new ServiceException(
                ProblemCode.TOO_MANY_REQUESTS, detail, "Record again when fewer callers are here.");
        case SHUTDOWN -> new ServiceException(ProblemCode.SHUTTING_DOWN, detail);
      };
    }
    if (e instanceof BackgroundRun.Broken broken) {
      boolean late = broken.failure().errorType().equals(FunctionFailure.TIMED_OUT);
      return new ServiceException(
          late ? ProblemCode.FUNCTION_TIMEOUT : ProblemCode.BAD_FUNCTION_REPLY,
          "The recording of '%s' cannot go on: %s".formatted(name, broken.getMessage()));
    }
    return new ServiceException(ProblemCode.INTERNAL, "The recording met a defect: " + e);
  }

  private void log(String message) {
    journal.event(EventType.RECORDING, null, null, message, null);
  }
}
