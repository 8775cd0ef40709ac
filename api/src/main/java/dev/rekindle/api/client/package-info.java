/** A typed client of the service. */
@NullMarked
package dev.rekindle.api.client;

import org.jspecify.annotations.NullMarked;
