/** What all benchmarks share. */
@NullMarked
package dev.rekindle.loadtests.run;

import org.jspecify.annotations.NullMarked;
