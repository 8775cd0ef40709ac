package dev.rekindle.orchestrator.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.api.ProblemCode;
import dev.rekindle.orchestrator.instance.Delivery;
import dev.rekindle.orchestrator.instance.FunctionJournal;
import dev.rekindle.orchestrator.instance.InvocationRequest;
import dev.rekindle.orchestrator.node.EventLog;
import dev.rekindle.orchestrator.node.ManualLoop;
import dev.rekindle.orchestrator.node.Metrics;
import dev.rekindle.orchestrator.node.ServiceException;
import dev.rekindle.orchestrator.snapshot.SnapshotSavings;
import io.vertx.core.Future;
import org.junit.jupiter.api.Test;

/** The order and the patience of requests that wait. */
class WaitingRequestsTest {
  private static final long TIMEOUT_MS = 5_000;

  private final ManualLoop loop = new ManualLoop();
  private final Metrics metrics = new Metrics();
  private final FunctionJournal journal =
      new FunctionJournal(
          "f", new EventLog(loop.clock()), metrics, new SnapshotSavings(loop.clock()));
  private final WaitingRequests waiting = new WaitingRequests(loop, journal, "f", TIMEOUT_MS);

  private InvocationRequest request(String id) {
    Delivery none = attempt -> Future.failedFuture("never delivered");
    return new InvocationRequest(id, none, loop.nanoTime(), () -> {});
  }

  private InvocationRequest added(String id) {
    InvocationRequest request = request(id);
    waiting.add(request);
    return request;
  }

  @Test
  void take_isInOrder_andOneThatWasPutBackGoesFirst() {
    InvocationRequest first = added("1");
    InvocationRequest second = added("2");
    assertThat(waiting.take()).isSameAs(first);
    waiting.putBack(first);
    assertThat(waiting.take()).isSameAs(first);
    assertThat(waiting.take()).isSameAs(second);
    assertThat(waiting.isEmpty()).isTrue();
  }

  @Test
  void timeout_refusesTheRequest() {
    InvocationRequest request = added("1");
    loop.advance(TIMEOUT_MS - 1);
    assertThat(request.outcome().future().isComplete()).isFalse();
    loop.advance(1);
    assertThat(request.outcome().future().cause())
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ProblemCode.QUEUE_TIMEOUT));
    assertThat(waiting.isEmpty()).isTrue();
    assertThat(metrics.scrape()).contains("rekindle_refused_total{function=\"f\"} 1.0");
  }

  /** An instance is on its way to it: to refuse it now would waste both. */
  @Test
  void timeout_anInstanceIsOnItsWay_waitsOn() {
    waiting.onTheirWay(() -> 1);
    InvocationRequest first = added("1");
    InvocationRequest second = added("2");
    loop.advance(TIMEOUT_MS);
    assertThat(first.outcome().future().isComplete()).isFalse();
    assertThat(second.outcome().future().failed()).isTrue();
    waiting.onTheirWay(() -> 0);
    loop.advance(1_000);
    assertThat(first.outcome().future().failed()).isTrue();
  }

  @Test
  void callerLeaves_itsRequestLeavesToo() {
    InvocationRequest request = added("1");
    request.outcome().tryFail("left");
    assertThat(waiting.isEmpty()).isTrue();
    assertThat(loop.armed()).as("its timer is stopped").isZero();
  }

  @Test
  void taken_isNotRefusedLater() {
    InvocationRequest request = added("1");
    waiting.take();
    loop.advance(TIMEOUT_MS * 2);
    assertThat(request.outcome().future().isComplete()).isFalse();
  }
}
