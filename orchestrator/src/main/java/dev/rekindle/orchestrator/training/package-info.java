/** Instances that are brought to a later request while no caller is there. */
@NullMarked
package dev.rekindle.orchestrator.training;

import org.jspecify.annotations.NullMarked;
