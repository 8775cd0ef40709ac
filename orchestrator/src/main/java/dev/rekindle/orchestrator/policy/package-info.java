/** Policies: when to checkpoint a function, and what to start an instance from. */
@NullMarked
package dev.rekindle.orchestrator.policy;

import org.jspecify.annotations.NullMarked;
