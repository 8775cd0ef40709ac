package dev.rekindle.orchestrator.policy.model;

/** A kept state that cannot be used; the policy is as it was, and learns anew. */
public final class PolicyStateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a message that names the field. */
  public PolicyStateException(String why) {
    super("The policy's kept state is not usable: %s; it learns anew.".formatted(why));
  }
}
