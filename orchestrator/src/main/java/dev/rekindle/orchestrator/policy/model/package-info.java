/** What a policy sees and answers. */
@NullMarked
package dev.rekindle.orchestrator.policy.model;

import org.jspecify.annotations.NullMarked;
