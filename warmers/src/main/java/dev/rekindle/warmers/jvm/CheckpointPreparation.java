package dev.rekindle.warmers.jvm;

/** Makes the process fit for a checkpoint: memory small and still. */
final class CheckpointPreparation {
  /** Fits into any young generation, and is no humongous object for G1. */
  private static final int BALLOON_BYTES = 256 << 10;

  private CheckpointPreparation() {}

  /** Returns what the search for what is to be renewed found. */
  static Renewal.Prepared run(Renewal renewal) throws ReflectiveOperationException {
    NativeCalls.collect();
    Renewal.Prepared prepared = renewal.prepare();
    for (String warning : prepared.warnings()) {
      Log.line("[WARN] " + warning);
    }
    emptyFreeHeap();
    NativeCalls.trimNativeMemory();
    Log.flush();
    return prepared;
  }

  /**
   * Gives the heap's free pages back. They are full of what was collected, all of which would be
   * stored: so they are allocated as arrays of zeros, whose pages the kernel can have, and which
   * the second collection forgets.
   */
  private static void emptyFreeHeap() {
    Runtime memory = Runtime.getRuntime();
    for (long left = memory.freeMemory(); left >= BALLOON_BYTES; left -= BALLOON_BYTES) {
      NativeCalls.discardZeros(new byte[BALLOON_BYTES]);
    }
    NativeCalls.collect();
  }
}
