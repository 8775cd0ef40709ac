package dev.rekindle.store.blob;

import java.time.Instant;

/**
 * What a store says of a blob without reading it.
 *
 * @param key the blob's key
 * @param bytes its size
 * @param modified when it was put, by the store's clock, which may differ from this node's; some
 *     stores tell whole seconds only
 */
public record BlobInfo(String key, long bytes, Instant modified) {}
