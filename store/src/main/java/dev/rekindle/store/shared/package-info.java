/** Snapshots in a store that several nodes share: chunks, packs, manifests, collection, check. */
@NullMarked
package dev.rekindle.store.shared;

import org.jspecify.annotations.NullMarked;
