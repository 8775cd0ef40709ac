/** Estimates from measured latencies. */
@NullMarked
package dev.rekindle.orchestrator.policy.estimate;

import org.jspecify.annotations.NullMarked;
