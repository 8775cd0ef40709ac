/** Snapshot storage: what a store promises, and its back ends. */
@NullMarked
package dev.rekindle.store;

import org.jspecify.annotations.NullMarked;
