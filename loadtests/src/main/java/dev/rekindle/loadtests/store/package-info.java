/** The benchmark of the store. */
@NullMarked
package dev.rekindle.loadtests.store;

import org.jspecify.annotations.NullMarked;
