package dev.rekindle.api;

import java.util.List;

/**
 * Whether the service can serve.
 *
 * @param ready whether it can; sent with status 200 if so, else 503
 * @param reasons what is missing, and what to do about it; empty when ready
 */
public record Readiness(boolean ready, List<String> reasons) {
  /** Copies the list. */
  public Readiness {
    reasons = List.copyOf(reasons);
  }
}
