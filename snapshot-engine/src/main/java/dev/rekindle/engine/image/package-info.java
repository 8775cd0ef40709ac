/** CRIU's images: reading and rewriting them. */
@NullMarked
package dev.rekindle.engine.image;

import org.jspecify.annotations.NullMarked;
