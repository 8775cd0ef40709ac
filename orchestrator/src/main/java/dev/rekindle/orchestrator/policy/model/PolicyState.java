package dev.rekindle.orchestrator.policy.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;

/**
 * What a policy has learnt, to be kept across restarts of the service.
 *
 * @param policy the policy's name; another policy's state is refused
 * @param format the version of {@code content}'s layout
 * @param content the values; an empty object where a policy learns nothing
 */
public record PolicyState(String policy, int format, JsonNode content) {
  /** The state of a policy that learns nothing. */
  static PolicyState empty(String policy) {
    return new PolicyState(policy, 1, JsonNodeFactory.instance.objectNode());
  }

  /**
   * Checks that this state is of a policy and a format.
   *
   * @throws PolicyStateException if it is not
   */
  public void check(String wantedPolicy, int wantedFormat) {
    if (!policy.equals(wantedPolicy)) {
      throw new PolicyStateException("it is of policy '%s'".formatted(policy));
    }
    if (format != wantedFormat) {
      throw new PolicyStateException(
          "its format is %d, this build reads %d".formatted(format, wantedFormat));
    }
  }
}
