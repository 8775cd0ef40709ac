/** The page server: lazy address spaces, working sets, and the native calls it needs. */
@NullMarked
package dev.rekindle.engine.pages;

import org.jspecify.annotations.NullMarked;
