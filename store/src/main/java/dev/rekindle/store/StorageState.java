package dev.rekindle.store;

/**
 * Where a snapshot's bytes are.
 *
 * @param local whether all its files are on this node
 * @param shared whether the shared store has it
 * @param uploadWaiting whether it is on its way to the shared store, or waits for that to answer
 * @param sharedBytes what its chunks take in the shared store, those that it shares with other
 *     snapshots included; 0 until it is there
 * @param uploadedBytes what this node had to add to the shared store for it; 0 if another node did
 */
public record StorageState(
    boolean local, boolean shared, boolean uploadWaiting, long sharedBytes, long uploadedBytes) {
  /** On this node's disk and nowhere else, and that is how it is to be. */
  public static final StorageState LOCAL_ONLY = new StorageState(true, false, false, 0, 0);

  /** There is no such snapshot. */
  public static final StorageState NOWHERE = new StorageState(false, false, false, 0, 0);
}
