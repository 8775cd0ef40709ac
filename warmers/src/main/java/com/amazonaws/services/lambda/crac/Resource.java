package com.amazonaws.services.lambda.crac;

/** What wants to know of checkpoints and restores. */
public interface Resource {
  /**
   * Called before a checkpoint, last registered first.
   *
   * @throws Exception to have the checkpoint fail
   */
  void beforeCheckpoint(Context<? extends Resource> context) throws Exception;

  /**
   * Called after a restore, in the order of registration.
   *
   * @throws Exception to have the restore fail
   */
  void afterRestore(Context<? extends Resource> context) throws Exception;
}
