/** Deployed functions, as they are kept on disk. */
@NullMarked
package dev.rekindle.orchestrator.function;

import org.jspecify.annotations.NullMarked;
