/** How an instance is spoken to: by events over a socket, or by HTTP. */
@NullMarked
package dev.rekindle.warmers.channel;

import org.jspecify.annotations.NullMarked;
