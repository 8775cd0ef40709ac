/** The service: functions, instances, routing, policies, metrics. */
@NullMarked
package dev.rekindle.orchestrator;

import org.jspecify.annotations.NullMarked;
