package dev.rekindle.orchestrator.policy.model;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last decisions of a policy; the same one again takes no place. */
public final class DecisionLog {
  private static final int KEPT = 50;
  private final Deque<Decision> decisions = new ArrayDeque<>();

  /** Adds a decision; one that repeats the last one replaces it. */
  public void add(Decision decision) {
    Decision last = decisions.peekFirst();
    if (last != null
        && last.kind() == decision.kind()
        && last.request() == decision.request()
        && last.reason().equals(decision.reason())) {
      decisions.removeFirst();
    }
    decisions.addFirst(decision);
    if (decisions.size() > KEPT) {
      decisions.removeLast();
    }
  }

  /** Newest first. */
  public List<Decision> list() {
    return List.copyOf(decisions);
  }
}
