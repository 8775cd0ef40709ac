package dev.rekindle.store.tier;

import dev.rekindle.store.StoreException;
import java.util.concurrent.CompletableFuture;

/**
 * A snapshot on its way to this node.
 *
 * @param arrival its files
 * @param whole completes when it is one of this node's own; fails with a {@link StoreException}
 */
record Incoming(Arrival arrival, CompletableFuture<Void> whole) {}
