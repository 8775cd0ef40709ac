/** A local tier before the shared store: uploads and fetches. */
@NullMarked
package dev.rekindle.store.tier;

import org.jspecify.annotations.NullMarked;
