/** The simulator: the service's policies on recorded latencies, without processes. */
@NullMarked
package dev.rekindle.orchestrator.simulator;

import org.jspecify.annotations.NullMarked;
