/** The simple policies, and Pronghorn's. */
@NullMarked
package dev.rekindle.orchestrator.policy.baseline;

import org.jspecify.annotations.NullMarked;
