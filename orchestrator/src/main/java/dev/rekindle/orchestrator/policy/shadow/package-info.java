/** A policy that is tried beside the one in force. */
@NullMarked
package dev.rekindle.orchestrator.policy.shadow;

import org.jspecify.annotations.NullMarked;
