package com.amazonaws.services.lambda.crac;

/** A set of resources that is itself a resource: what it is told it passes on to each. */
public abstract class Context<R extends Resource> implements Resource {
  /** For subclasses. */
  protected Context() {}

  /**
   * Passes it on to all resources, last registered first.
   *
   * @throws CheckpointException with all that the resources threw as suppressed exceptions
   */
  @Override
  public abstract void beforeCheckpoint(Context<? extends Resource> context)
      throws CheckpointException;

  /**
   * Passes it on to all resources, in the order of registration.
   *
   * @throws RestoreException with all that the resources threw as suppressed exceptions
   */
  @Override
  public abstract void afterRestore(Context<? extends Resource> context) throws RestoreException;

  /** Adds a resource. */
  public abstract void register(R resource);
}
