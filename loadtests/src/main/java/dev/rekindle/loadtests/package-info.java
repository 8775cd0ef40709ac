/** Benchmarks and their reports. */
@NullMarked
package dev.rekindle.loadtests;

import org.jspecify.annotations.NullMarked;
