/** What the service knows of snapshots. */
@NullMarked
package dev.rekindle.orchestrator.snapshot;

import org.jspecify.annotations.NullMarked;
