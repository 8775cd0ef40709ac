package dev.rekindle.orchestrator.pool;

import dev.rekindle.api.ProblemCode;
import dev.rekindle.orchestrator.instance.FunctionJournal;
import dev.rekindle.orchestrator.instance.InvocationRequest;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.orchestrator.node.ServiceException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.IntSupplier;

/** The requests that wait for an instance of a function, in the order in which they came. */
final class WaitingRequests {
  /** A request that an instance is on its way to waits so much longer. */
  private static final long EXTENSION_MS = 1_000;

  private final EventLoop loop;
  private final FunctionJournal journal;
  private final String function;
  private final long timeoutMs;
  private final Deque<InvocationRequest> queue = new ArrayDeque<>();
  private IntSupplier onTheirWay = () -> 0;

  /**
   * None yet.
   *
   * @param timeoutMs how long a request waits at most
   */
  WaitingRequests(EventLoop loop, FunctionJournal journal, String function, long timeoutMs) {
    this.loop = loop;
    this.journal = journal;
    this.function = function;
    this.timeoutMs = timeoutMs;
  }

  /** Sets what counts the instances that are being started, for those who waited longest. */
  void onTheirWay(IntSupplier count) {
    onTheirWay = count;
  }

  int size() {
    return queue.size();
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  /** A request came. It leaves when it is answered, or has waited for too long. */
  void add(InvocationRequest request) {
    queue.addLast(request);
    request.outcome().future().onComplete(done -> queue.remove(request)); // its caller may leave
    armDeadline(request, timeoutMs);
  }

  /** A request that was taken goes first again. */
  void putBack(InvocationRequest request) {
    queue.addFirst(request);
  }

  /** The one that has waited longest; there must be one. */
  InvocationRequest take() {
    return queue.removeFirst();
  }

  /** All of them, in order. */
  List<InvocationRequest> takeAll() {
    List<InvocationRequest> taken = List.copyOf(queue);
    queue.clear();
    return taken;
  }

  private void armDeadline(InvocationRequest request, long delayMs) {
    EventLoop.Timer timer = loop.after(delayMs, () -> expire(request));
    request.outcome().future().onComplete(done -> timer.cancel());
  }

  private void expire(InvocationRequest request) {
    int position = List.copyOf(queue).indexOf(request);
    if (position < 0) {
      return; // it is being served
    }
    if (position < onTheirWay.getAsInt()) {
      armDeadline(request, EXTENSION_MS);
      return;
    }
    queue.remove(request);
    journal.refused();
    request
        .outcome()
        .tryFail(
            new ServiceException(
                ProblemCode.QUEUE_TIMEOUT,
                "No instance of '%s' became free within %d ms.".formatted(function, timeoutMs)));
  }
}
