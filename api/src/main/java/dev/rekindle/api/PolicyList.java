package dev.rekindle.api;

import java.util.List;

/**
 * The policies of the service, by name.
 *
 * @param policies the entries
 */
public record PolicyList(List<PolicyDescription> policies) {
  /** Copies the list. */
  public PolicyList {
    policies = List.copyOf(policies);
  }
}
