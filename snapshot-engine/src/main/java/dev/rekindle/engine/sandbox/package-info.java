/**
 * Sandboxes: the daemon that makes them, their control connection, their pool and their cgroups.
 */
@NullMarked
package dev.rekindle.engine.sandbox;

import org.jspecify.annotations.NullMarked;
