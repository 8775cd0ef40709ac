/** Snapshots in directories of this node. */
@NullMarked
package dev.rekindle.store.local;

import org.jspecify.annotations.NullMarked;
