package dev.rekindle.store;

/**
 * A snapshot that takes up space but cannot be opened.
 *
 * @param id what to call {@link SnapshotStore#delete(String)} with
 * @param reason why it cannot be opened
 * @param detail the same as a sentence for the operator
 */
public record UnusableSnapshot(String id, StoreException.Reason reason, String detail) {}
