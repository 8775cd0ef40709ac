/** Files that survive a crash, their digests and their stamps. */
@NullMarked
package dev.rekindle.store.io;

import org.jspecify.annotations.NullMarked;
