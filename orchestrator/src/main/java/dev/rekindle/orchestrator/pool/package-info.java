/** The pool of a function, the registry of functions, and who ends what when something is short. */
@NullMarked
package dev.rekindle.orchestrator.pool;

import org.jspecify.annotations.NullMarked;
