/** Snapshots of running processes: sandboxes, checkpoint, restore. */
@NullMarked
package dev.rekindle.engine;

import org.jspecify.annotations.NullMarked;
