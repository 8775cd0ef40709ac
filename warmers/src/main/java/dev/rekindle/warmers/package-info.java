/** Runtimes: how each boots, loads a function and prepares it for a checkpoint. */
@NullMarked
package dev.rekindle.warmers;

import org.jspecify.annotations.NullMarked;
