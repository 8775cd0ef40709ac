/** The benchmark of policies on real functions. */
@NullMarked
package dev.rekindle.loadtests.policies;

import org.jspecify.annotations.NullMarked;
