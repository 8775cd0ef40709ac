/** The default policy. */
@NullMarked
package dev.rekindle.orchestrator.policy.adaptive;

import org.jspecify.annotations.NullMarked;
