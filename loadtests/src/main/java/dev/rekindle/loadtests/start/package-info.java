/** The benchmark of starts. */
@NullMarked
package dev.rekindle.loadtests.start;

import org.jspecify.annotations.NullMarked;
