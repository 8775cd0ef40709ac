/** Instances: how they start, take requests and are frozen. */
@NullMarked
package dev.rekindle.orchestrator.instance;

import org.jspecify.annotations.NullMarked;
