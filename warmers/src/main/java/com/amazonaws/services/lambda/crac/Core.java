package com.amazonaws.services.lambda.crac;

/** Where functions register their resources. */
public final class Core {
  private static final Context<Resource> GLOBAL = new GlobalContext();

  private Core() {}

  /** The context that the platform tells of every checkpoint and restore. */
  public static Context<Resource> getGlobalContext() {
    return GLOBAL;
  }

  /**
   * Always fails: the platform decides when a checkpoint is taken.
   *
   * @throws UnsupportedOperationException always
   */
  @SuppressWarnings("DoNotCallSuggester") // org.crac looks for it and compiles against nothing
  public static void checkpointRestore() throws CheckpointException, RestoreException {
    throw new UnsupportedOperationException(
        "the platform takes checkpoints; ask for one with POST /v1/functions/{name}/snapshots");
  }
}
