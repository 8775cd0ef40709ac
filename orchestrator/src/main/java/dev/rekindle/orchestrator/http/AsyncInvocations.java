package dev.rekindle.orchestrator.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.AsyncInvocation;
import dev.rekindle.api.AsyncState;
import dev.rekindle.api.Headers;
import dev.rekindle.api.Json;
import dev.rekindle.api.Problem;
import dev.rekindle.orchestrator.instance.InvocationOutcome;
import io.vertx.core.Future;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Results of invocations that nobody waits for. On the event loop; kept in memory only. */
public final class AsyncInvocations {
  /** The oldest results make room for newer ones. */
  private static final int KEPT = 1_000;

  private final InstantSource clock;
  private final Map<String, AsyncInvocation> kept =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, AsyncInvocation> eldest) {
          return size() > KEPT && eldest.getValue().finishedAt() != null;
        }
      };

  /** No invocations yet. */
  public AsyncInvocations(InstantSource clock) {
    this.clock = clock;
  }

  Optional<AsyncInvocation> find(String id) {
    return Optional.ofNullable(kept.get(id));
  }

  /** How many have not finished. */
  long unfinished() {
    return kept.values().stream().filter(i -> i.finishedAt() == null).count();
  }

  /** Takes an invocation in; the future completes when it is done. */
  AsyncInvocation accepted(String id, String function) {
    AsyncInvocation accepted =
        new AsyncInvocation(
            id,
            function,
            AsyncState.QUEUED,
            clock.instant(),
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null);
    kept.put(id, accepted);
    return accepted;
  }

  /** An instance has it now. */
  void running(String id) {
    replace(id, AsyncState.RUNNING, null, null);
  }

  /** Follows an invocation to its end. */
  void follow(
      String id, Future<InvocationOutcome> outcome, Function<Throwable, Problem> problemOf) {
    outcome.onComplete(
        done -> {
          if (done.succeeded()) {
            replace(id, AsyncState.DONE, done.result(), null);
          } else {
            replace(id, AsyncState.FAILED, null, problemOf.apply(done.cause()));
          }
        });
  }

  private void replace(
      String id, AsyncState state, @Nullable InvocationOutcome o, @Nullable Problem problem) {
    AsyncInvocation old = kept.get(id);
    if (old == null) {
      return;
    }
    boolean over = state == AsyncState.DONE || state == AsyncState.FAILED;
    @Nullable Instant finished = over ? clock.instant() : null;
    kept.put(
        id,
        new AsyncInvocation(
            id,
            old.function(),
            state,
            old.acceptedAt(),
            finished,
            problem != null
                ? Integer.valueOf(problem.status())
                : o == null ? null : Integer.valueOf(200),
            o == null || o.failure() == null ? null : Headers.UNHANDLED,
            o == null ? null : o.start(),
            o == null ? null : o.instance(),
            o == null ? null : o.snapshot(),
            o == null ? null : result(o),
            problem));
  }

  private static @Nullable JsonNode result(InvocationOutcome outcome) {
    if (outcome.failure() != null) {
      return Json.mapper().valueToTree(outcome.failure());
    }
    try {
      return Json.mapper().readTree(outcome.result().getBytes());
    } catch (JsonProcessingException e) {
      return Json.mapper().getNodeFactory().textNode(outcome.result().toString());
    } catch (java.io.IOException e) {
      throw new IllegalStateException("reading memory failed", e);
    }
  }
}
