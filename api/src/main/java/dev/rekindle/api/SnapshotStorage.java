package dev.rekindle.api;

/**
 * Where a snapshot's bytes are.
 *
 * @param local whether all its files are on this node
 * @param shared whether the store that nodes share has it
 * @param uploadWaiting whether it is on its way to that store, or waits for it to answer
 * @param sharedBytes what its chunks take in that store, those that it shares with other snapshots
 *     included; 0 until it is there
 * @param uploadedBytes what this node had to add to that store for it
 */
public record SnapshotStorage(
    boolean local, boolean shared, boolean uploadWaiting, long sharedBytes, long uploadedBytes) {}
