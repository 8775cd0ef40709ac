/** Blobs: the interface, and blobs in a directory. */
@NullMarked
package dev.rekindle.store.blob;

import org.jspecify.annotations.NullMarked;
