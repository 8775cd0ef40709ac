/** What all functions of a node share: its event loop, workers, events, metrics and capacity. */
@NullMarked
package dev.rekindle.orchestrator.node;

import org.jspecify.annotations.NullMarked;
